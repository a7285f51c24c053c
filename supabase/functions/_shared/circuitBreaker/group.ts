/** Targets that can stand in for each other. @module */

import type { BreakerState } from "./state.ts";

/** A breaker as its group sees it. */
export interface GroupMember {
  /** Its state now. */
  readonly state: BreakerState;
}

/**
 * The breakers of one isolate whose targets can stand in for each other, such as the end points of one ability.
 * When all of them would be blocked, the one that opened last stays usable: a poor target is better than none.
 */
export class BreakerGroup {
  readonly #members = new Set<GroupMember>();

  /** The name is the group's key in the store too. */
  constructor(readonly name: string) {
    if (name.trim() === "" || name.length > 200) {
      throw new RangeError(
        `Cannot create BreakerGroup as "name" must be 1 to 200 characters: current value is "${name}"`,
      );
    }
  }

  /** Adds a breaker; it does so itself. */
  add(member: GroupMember): void {
    this.#members.add(member);
  }

  /** Whether this blocked breaker guards the last target; undefined when this isolate knows no other one. */
  isLast(member: GroupMember): boolean | undefined {
    const others = [...this.#members].filter((one) => one !== member);
    if (others.length === 0) return undefined;
    const own = turnOf(member.state);
    return own !== undefined && others.every((other) => {
      if (other.state.kind === "forcedOpen") return true;
      const turn = turnOf(other.state);
      return turn !== undefined && turn < own;
    });
  }
}

function turnOf(state: BreakerState): number | undefined {
  return state.kind === "open" || state.kind === "halfOpen" ? state.turn : undefined;
}
