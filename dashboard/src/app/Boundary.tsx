/** Keeps a page that breaks from taking the rest with it. @module */

import { Component, type ReactNode } from "react";

interface State {
  error: Error | undefined;
}

/** Shows what is inside, or that it broke. */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  /** React asks what to show instead. */
  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="failure" role="alert">
        <p className="failure-title">This page cannot be shown</p>
        <p>{error.message}</p>
        <p>If the dashboard was updated meanwhile, loading it again helps.</p>
        <button type="button" onClick={() => globalThis.location.reload()}>
          Load again
        </button>
      </div>
    );
  }
}
