package io.loomvisor.net.conntrack;

import io.loomvisor.net.buffer.Tracked;

/**
 * How a packet stands to a connection.
 *
 * @param connection null if it belongs to none
 * @param reply it goes against the direction of the first packet
 */
public record Tracking(Connection connection, State state, boolean reply) implements Tracked {
  /** As the conntrack match names them. */
  public enum State {
    INVALID,
    NEW,
    ESTABLISHED,
    RELATED,
    UNTRACKED
  }

  public static final Tracking INVALID = new Tracking(null, State.INVALID, false);

  /** A rule said that it should not be tracked, or it is of a kind that never is. */
  public static final Tracking UNTRACKED = new Tracking(null, State.UNTRACKED, false);

  @Override
  public Tracking answer(boolean error) {
    if (connection == null) {
      return this;
    }
    return new Tracking(connection, error ? State.RELATED : State.ESTABLISHED, !reply);
  }
}
