package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.platform.kvm.ring0.Layout;
import io.loomvisor.scheduler.wait.WakeUps;

/**
 * One task's part in standing by (docs/standby.md): whether it does in the next run, and what it
 * owes to others that do. Belongs to the task's own thread, and to its turn on a vCPU.
 */
final class Bystander {
  private final Standby standby;
  private final StandbyHabit habit;

  /** {@link WakeUps#count} when the last run ended. */
  private int heard;

  /** It has woken somebody since. */
  private boolean woke;

  /** Others that stood by when the present run began. */
  private int waiting;

  /** {@link Standby#happened} then. */
  private int happened;

  Bystander(Standby standby) {
    this.standby = standby;
    this.habit = new StandbyHabit(standby.terms());
  }

  /** The task goes back to its application: it serves others first. With no actor held. */
  void runBegins() {
    woke = WakeUps.count() != heard;
    waiting = woke ? standby.attend(habit) : 0;
    happened = standby.happened();
  }

  void runEnds(Exit exit, Registers registers) {
    heard = WakeUps.count();
    habit.ended(exit, registers);
  }

  /** Whether the task stands by on this vCPU, whose run begins. Inside its gate. */
  boolean standBy(VCpu vcpu, Posting posting, PageTables tables) {
    int number = habit.number();
    boolean possible =
        number != Layout.NO_CALL
            && standby.worthWhile(woke, waiting)
            && posting.possible(tables)
            && vcpu.standBy(posting, number, habit.argument(), standby.terms().looks(), happened);
    if (possible) {
      standby.standing(1);
    }
    return possible;
  }

  /** A run in which it stood by is over. */
  void stoodBy(Posting posting) {
    standby.standing(-1);
    habit.stoodBy(posting.stoodBy());
    if (posting.slow() != 0) {
      habit.slow(posting.slow());
    }
  }

  /** The task goes to sleep, in a call with these registers. */
  void fallsAsleep(Registers registers) {
    tellOthers();
    habit.asleep(registers, System.nanoTime());
  }

  /**
   * The sleep is over.
   *
   * @return whether it may stand by from now on
   */
  boolean wakesUp() {
    habit.awake(System.nanoTime());
    return habit.number() != Layout.NO_CALL;
  }

  /** What the task has done since the last run will not be followed by another one soon. */
  void tellOthers() {
    if (WakeUps.count() != heard) {
      standby.tell();
    }
  }
}
