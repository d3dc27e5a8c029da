package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.ring0.Layout;
import org.junit.jupiter.api.Test;

class StandbyHabitTest {
  private static final int READ = 0;
  private static final int POLL = 7;
  private static final int FUTEX = 202;
  private static final long BRIEF = 1000;

  private final StandbyHabit habit =
      new StandbyHabit(new StandbyTerms(2, 100, 100, BRIEF, 3, true));
  private long now = 5;

  private static Registers call(int number, int rdi, int rsi) {
    Registers r = new Registers();
    r.rax = number;
    r.rdi = rdi;
    r.rsi = rsi;
    return r;
  }

  private void sleep(Registers call, long nanos) {
    habit.asleep(call, now);
    now += nanos;
    habit.awake(now);
  }

  private void sleep(Registers call, long nanos, int times) {
    for (int i = 0; i < times; i++) {
      sleep(call, nanos);
    }
  }

  @Test
  void briefSleepsInOneCallMakeAHabit() {
    assertEquals(Layout.NO_CALL, habit.number());
    sleep(call(READ, 4, 99), BRIEF - 1, 2);
    assertEquals(Layout.NO_CALL, habit.number());
    sleep(call(READ, 4, 77), BRIEF - 1);
    assertEquals(READ, habit.number());
    assertEquals(4, habit.argument());
  }

  @Test
  void longSleepsMakeNone() {
    sleep(call(READ, 4, 0), BRIEF, 100);
    assertEquals(Layout.NO_CALL, habit.number());
    sleep(call(READ, 4, 0), BRIEF - 1, 8);
    assertEquals(READ, habit.number());
    sleep(call(READ, 4, 0), BRIEF, 2);
    assertEquals(Layout.NO_CALL, habit.number());
  }

  @Test
  void anotherDescriptorIsAnotherCall() {
    for (int i = 0; i < 100; i++) {
      sleep(call(READ, i, 0), 1);
    }
    assertEquals(Layout.NO_CALL, habit.number());
  }

  @Test
  void aFutexIsToldByItsOperation() {
    for (int i = 0; i < 3; i++) {
      sleep(call(FUTEX, i, 128), 1);
    }
    assertEquals(FUTEX, habit.number());
    assertEquals(128, habit.argument());
  }

  @Test
  void theMoreFrequentCallWins() {
    sleep(call(READ, 4, 0), 1, 8);
    sleep(call(POLL, 9, 0), 1, 11);
    assertEquals(POLL, habit.number());
  }

  @Test
  void whatIsInVainTakesMoreToComeBack() {
    sleep(call(READ, 4, 0), 1, 8);
    for (int i = 0; i < 3; i++) {
      assertEquals(READ, habit.number());
      habit.stoodBy(Posting.StoodBy.IN_VAIN);
    }
    assertEquals(Layout.NO_CALL, habit.number());
    sleep(call(READ, 4, 0), 1, 5);
    assertEquals(Layout.NO_CALL, habit.number());
    sleep(call(READ, 4, 0), 1);
    assertEquals(READ, habit.number());
  }

  @Test
  void successIsRemembered() {
    sleep(call(READ, 4, 0), 1, 8);
    for (int i = 0; i < 100; i++) {
      habit.stoodBy(Posting.StoodBy.IN_VAIN);
      habit.stoodBy(Posting.StoodBy.IN_VAIN);
      habit.stoodBy(Posting.StoodBy.SERVED);
      habit.stoodBy(Posting.StoodBy.NEITHER);
    }
    assertEquals(READ, habit.number());
  }

  /** Who is served so soon that it finds its own answer there does not sleep any more. */
  @Test
  void anAnswerThatIsThereAlreadyCountsAsABriefSleep() {
    sleep(call(READ, 4, 0), 1, 2);
    habit.ended(Exit.Syscall.INSTANCE, call(READ, 4, 0));
    assertEquals(Layout.NO_CALL, habit.number());
    habit.served();
    habit.ended(Exit.Syscall.INSTANCE, call(READ, 5, 0));
    assertEquals(Layout.NO_CALL, habit.number());
    habit.served();
    habit.ended(Exit.Interrupted.INSTANCE, call(READ, 4, 0));
    assertEquals(Layout.NO_CALL, habit.number());
    habit.served();
    habit.ended(Exit.Syscall.INSTANCE, call(READ, 4, 0));
    assertEquals(READ, habit.number());
  }

  @Test
  void whoKeepsOthersBusyStaysAway() {
    sleep(call(READ, 4, 0), 1, 8);
    habit.slow(3_600_000_000_000L / 100);
    assertEquals(Layout.NO_CALL, habit.number());
    habit.slow(-1);
    assertEquals(READ, habit.number());
  }
}
