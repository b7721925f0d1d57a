import type { TurnState } from '@parley/session-log';

/** What of the state a new owner must find the same; undefined while a reply is being made or played. */
export function stateAtRest(state: TurnState): unknown {
  const { phase, agent, mode, policy, turn, reply, toolState, summary, history } = state;
  if (phase !== 'listening' || state.open.length > 0) return undefined;
  return {
    ...{ agent, mode, policy, turn, reply, toolState, summary },
    history: history.map(({ heard: _, voices: __, ...known }) => known),
  };
}
