/** Version of the element, that of the package. */
export const VERSION = '0.1.0';
