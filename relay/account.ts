/** What the platform answered. `dateMs`: its own clock, Unix milliseconds, in whole seconds; undefined where untold. */
export type AccountAnswer<Value> =
  | { kind: 'answer'; value: Value; dateMs: number | undefined }
  | { kind: 'refused'; status: number; dateMs: number | undefined }
  /** Not what the API's reference promises. */
  | { kind: 'unreadable'; dateMs: number | undefined }
  /** The code of why (network-fault.ts). */
  | { kind: 'no-answer'; code: string };

/** The application of the settings, as the platform has it. */
export interface ApplicationFacts {
  /** Undefined where the application has no Voice. */
  voice:
    | {
        answerUrl: string | undefined;
        eventUrl: string | undefined;
        signedCallbacks: boolean;
        /** Such as `eu-west`; undefined where it names none. */
        region: string | undefined;
      }
    | undefined;
}

/** The account that the relay calls on, as `conf-relay check` looks at it. Nothing is changed there. */
export interface Account {
  /** Whether calls can be asked for with the application's key. */
  calls(): Promise<AccountAnswer<null>>;
  application(): Promise<AccountAnswer<ApplicationFacts>>;
  /** The numbers linked to the application, E.164 digits; at most 1000. */
  numbers(): Promise<AccountAnswer<readonly string[]>>;
}
