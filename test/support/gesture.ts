/** The browser counts what follows as the user's doing, until what is returned is called. */
export function pretendGesture(): () => void {
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: true }, configurable: true });
  return () => Reflect.deleteProperty(navigator, 'userActivation');
}
