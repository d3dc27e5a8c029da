package io.loomvisor.kernel.ipc.msg;

import java.util.List;

/** Which message msgrcv(2) takes: convert_mode() and testmsg() of ipc/msg.c. */
public sealed interface Selector {
  /** The oldest. */
  record Any() implements Selector {}

  /** The oldest of one type. */
  record Type(long type) implements Selector {}

  /** MSG_EXCEPT: the oldest of any other type. */
  record Except(long type) implements Selector {}

  /** The oldest of the lowest type up to this one. */
  record AtMost(long type) implements Selector {}

  /** MSG_COPY: the one at a position. */
  record Position(long index) implements Selector {}

  int MSG_EXCEPT = 020000;

  /** As msgrcv's {@code msgtyp} and {@code msgflg} say, without MSG_COPY. */
  static Selector of(long type, int flags) {
    if (type == 0) {
      return new Any();
    }
    if (type < 0) {
      return new AtMost(type == Long.MIN_VALUE ? Long.MAX_VALUE : -type);
    }
    return (flags & MSG_EXCEPT) != 0 ? new Except(type) : new Type(type);
  }

  /** Whether a message of {@code type} will do. */
  default boolean accepts(long type) {
    return switch (this) {
      case Any a -> true;
      case Type t -> t.type == type;
      case Except e -> e.type != type;
      case AtMost m -> type <= m.type;
      case Position p -> true;
    };
  }

  /** The index of the message to take, -1 if there is none. */
  default int choose(List<Message> messages) {
    if (this instanceof Position p) {
      return p.index >= 0 && p.index < messages.size() ? (int) p.index : -1;
    }
    int found = -1;
    for (int i = 0; i < messages.size(); i++) {
      long type = messages.get(i).type();
      if (accepts(type) && (found < 0 || type < messages.get(found).type())) {
        found = i;
        if (!(this instanceof AtMost) || type == 1) {
          return found;
        }
      }
    }
    return found;
  }
}
