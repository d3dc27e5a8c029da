package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.ring0.Layout;

/**
 * What one task has shown of itself: with which call it waits, and whether briefly. It is to stand
 * by with the call that has mostly put it to sleep of late, if only for moments. Times are {@link
 * System#nanoTime}. Belongs to the task's own thread.
 */
final class StandbyHabit {
  private static final int SYS_FUTEX = 202;

  /** Brief sleeps that count, unless more are wanted. */
  private static final int MOST = 8;

  /** After so many times in vain, in a row, twice as many brief sleeps are wanted. */
  private static final int FORGIVEN = 3;

  private static final int MOST_WANTED = 256;

  /** Who has kept its partner busy for longer than it pleased lets it alone so many times that. */
  private static final int ABSENCE = 100;

  private final StandbyTerms terms;

  /** The call of the habit, and the argument that tells it from others of its number. */
  private int number = Layout.NO_CALL;

  private int argument;

  /** Brief sleeps in that call, those in others taken off. */
  private int brief;

  private int wanted;
  private int vain;

  /** The call of the present or last sleep. */
  private int asleepIn = Layout.NO_CALL;

  private int asleepWith;
  private long asleepSince;

  /** Before the present run the task has served another one that stood by. */
  private boolean hasServed;

  /** When it may stand by again; 0: any time. */
  private long notBefore;

  StandbyHabit(StandbyTerms terms) {
    this.terms = terms;
    wanted = terms.least();
  }

  /** The number of the call, {@link Layout#NO_CALL} for none. */
  int number() {
    return brief < wanted || notBefore != 0 && absent() ? Layout.NO_CALL : number;
  }

  private boolean absent() {
    if (System.nanoTime() - notBefore < 0) {
      return true;
    }
    notBefore = 0;
    return false;
  }

  /** EDI of that call, or ESI if it is futex(2), which is the operation. */
  int argument() {
    return argument;
  }

  private static int argument(Registers call) {
    return (int) ((int) call.rax == SYS_FUTEX ? call.rsi : call.rdi);
  }

  /** The task goes to sleep in this call. */
  void asleep(Registers call, long now) {
    asleepIn = (int) call.rax;
    asleepWith = argument(call);
    asleepSince = now;
  }

  /** The sleep is over. */
  void awake(long now) {
    boolean wasBrief = now - asleepSince < terms.brief();
    if (asleepIn == number && asleepWith == argument) {
      brief = wasBrief ? more() : brief / 2;
    } else if (brief > 0) {
      brief--;
    } else if (wasBrief) {
      number = asleepIn;
      argument = asleepWith;
      brief = 1;
    }
  }

  private int more() {
    return Math.min(brief + 1, Math.max(MOST, wanted));
  }

  /** The task has served one that stood by. */
  void served() {
    hasServed = true;
  }

  /**
   * The run has ended. If it began after somebody had been served, the answer may have been there
   * before the call that waits for it: then the task does not sleep, but would have had it sooner
   * had it stood by.
   */
  void ended(Exit exit, Registers registers) {
    if (!hasServed) {
      return;
    }
    hasServed = false;
    if (exit instanceof Exit.Syscall
        && (int) registers.rax == number
        && argument(registers) == argument) {
      brief = more();
    }
  }

  /** What standing by has come to. */
  void stoodBy(Posting.StoodBy outcome) {
    switch (outcome) {
      case SERVED -> {
        vain = 0;
        wanted = Math.max(terms.least(), wanted / 2);
      }
      case IN_VAIN -> {
        if (++vain >= FORGIVEN) {
          vain = 0;
          brief = 0;
          wanted = Math.min(2 * wanted, MOST_WANTED);
        }
      }
      case NEITHER -> {}
    }
  }

  /** Its call has kept somebody else busy for {@code took} ns. */
  void slow(long took) {
    notBefore = System.nanoTime() + ABSENCE * took;
  }
}
