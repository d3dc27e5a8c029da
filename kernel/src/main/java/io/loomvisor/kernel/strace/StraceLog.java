package io.loomvisor.kernel.strace;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Puts the lines of all tasks in order. A call that sleeps while another task has something to say
 * is printed in two parts, "unfinished" and "resumed"; one that does not is printed whole. Owns
 * which calls are open; any thread may tell it.
 */
final class StraceLog extends Actor {
  /**
   * A call that has not returned.
   *
   * @param entry its text so far
   * @param asleep whether its task sleeps now
   */
  private record Open(String entry, BooleanSupplier asleep) {}

  private final Consumer<String> sink;
  private final Map<Integer, Open> open = new HashMap<>();

  StraceLog(Consumer<String> sink) {
    super(Rank.LEAF);
    this.sink = sink;
  }

  /** Thread {@code id} has entered a call. */
  void entered(int id, String entry, BooleanSupplier asleep) {
    tell(() -> open.put(id, new Open(entry, asleep)));
  }

  /** Its call {@code name} has returned; {@code rest} belongs behind the entry. */
  void returned(int id, String name, String rest) {
    tell(
        () -> {
          Open call = open.remove(id);
          line(id, call == null ? "<... " + name + " resumed>" + rest : call.entry + rest);
        });
  }

  /** A line of its own: a signal, an exit. */
  void said(int id, String text) {
    tell(() -> line(id, text));
  }

  /** Thread {@code id} is gone; what it had entered does not return. */
  void ended(int id, String text) {
    tell(
        () -> {
          Open call = open.remove(id);
          if (call != null) {
            line(id, call.entry + ") = ?");
          }
          line(id, text);
        });
  }

  private void line(int id, String text) {
    for (Iterator<Map.Entry<Integer, Open>> i = open.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Integer, Open> other = i.next();
      if (other.getKey() != id && other.getValue().asleep.getAsBoolean()) {
        i.remove();
        print(other.getKey(), other.getValue().entry + " <unfinished ...>");
      }
    }
    print(id, text);
  }

  private void print(int id, String text) {
    sink.accept("[pid " + id + "] " + text);
  }
}
