/** The widget of Heliotrope on a page: `npm install https://HOST/heliotrope-widget.tgz`, or import HOST/widget.mjs. */

/** A token that the site's server signed; or what brings one, called again before each expires; or nobody. */
export type Identity = string | (() => string | null | Promise<string | null>) | null;

export interface Options {
  /** The id under which the site is registered. */
  site: string;
  /** Heliotrope's address, such as https://guide.example.com. */
  host: string;
  identify?: Identity;
  /** The page's own language when left out. */
  language?: "zh" | "en";
  /** The site's own setting when left out. */
  theme?: "auto" | "light" | "dark";
  /** The colour of the button, as #rrggbb; the site's own, once the frame is there, when left out. */
  accent?: string;
  side?: "right" | "left";
  /** "page": the conversation is the whole page, without a button. */
  mode?: "" | "page";
  /** An element that the conversation fills, in place of button and window. */
  target?: Element | null;
}

export interface Events {
  ready: { language: "zh" | "en"; accent: string; side: "right" | "left" };
  open: Record<string, never>;
  close: Record<string, never>;
  /** Who asks now; null for an unknown visitor. */
  identified: { creator: string | null };
  /** Why an identity was not taken, for the site's developer. */
  refused: { reason: string };
  asked: Record<string, never>;
  answered: Record<string, never>;
}

export interface Widget {
  open(): void;
  close(): void;
  toggle(): void;
  /** Opens the window and asks. */
  ask(text: string): void;
  /** Says who is signed in now; everything on show changes with the person. */
  identify(token: Identity): Promise<void>;
  /** Listens; the function that is returned stops it. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void;
  language(name: "zh" | "en"): void;
  theme(name: "auto" | "light" | "dark"): void;
  /** Takes the widget off the page. */
  destroy(): void;
}

/** Put the widget on the page. */
export function mount(options: Options): Widget;
