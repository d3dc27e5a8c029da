package io.loomvisor.net.filter.match;

import io.loomvisor.net.conntrack.Connection;
import io.loomvisor.net.conntrack.Tracking;
import io.loomvisor.net.filter.Subject;
import io.loomvisor.net.time.Clock;
import java.util.Set;

/** How the packet stands to its connection: {@code --ctstate}, and {@code -m state}. */
public record ConntrackState(Set<State> states, boolean negated) implements Match {
  public enum State {
    INVALID,
    NEW,
    RELATED,
    ESTABLISHED,
    UNTRACKED,
    /** The connection's source is translated. */
    SNAT,
    /** Its destination is. */
    DNAT
  }

  public ConntrackState {
    states = Set.copyOf(states);
    if (states.isEmpty()) {
      throw new IllegalArgumentException("no state");
    }
  }

  @Override
  public Test install(Clock clock) {
    int bits = 0;
    for (State s : states) {
      bits |= 1 << s.ordinal();
    }
    int wanted = bits;
    return s -> ((bits(s) & wanted) != 0) != negated;
  }

  private static int bits(Subject s) {
    Tracking t = s.tracking();
    State state =
        switch (t.state()) {
          case INVALID -> State.INVALID;
          case NEW -> State.NEW;
          case ESTABLISHED -> State.ESTABLISHED;
          case RELATED -> State.RELATED;
          case UNTRACKED -> State.UNTRACKED;
        };
    int bits = 1 << state.ordinal();
    Connection c = t.connection();
    if (c != null && c.sourceTranslated()) {
      bits |= 1 << State.SNAT.ordinal();
    }
    if (c != null && c.destinationTranslated()) {
      bits |= 1 << State.DNAT.ordinal();
    }
    return bits;
  }

  @Override
  public boolean tracks() {
    return true;
  }
}
