// What `import 'conf-listener'` brings where there is no page: nothing to show and nothing that asks for a browser. The
// tag is sent as it stands, and the page's own import brings it to life.

/** Stands in for the element. */
// oxlint-disable-next-line typescript/no-extraneous-class -- pages may extend the element
export class ConfListener {
  static define() {}
  static registerStrings() {}
}
