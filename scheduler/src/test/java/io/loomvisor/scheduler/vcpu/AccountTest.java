package io.loomvisor.scheduler.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AccountTest {
  @Test
  void timeAsleepIsNotSavedUpAndForkingIsNoWayToTheFront() {
    Account slept = new Account();
    slept.arrive(0, 10);
    slept.arrive(1_000, 10);
    assertEquals(995, slept.used());
    Account fresh = new Account();
    fresh.arrive(1_000, 10);
    assertEquals(1_005, fresh.used());
    fresh.add(20);
    fresh.arrive(1_000, 10);
    assertEquals(1_025, fresh.used());
  }

  @Test
  void nobodyIsKeptOutForWhatItHasHadLongAgo() {
    Account account = new Account();
    account.arrive(0, 10);
    account.add(1_000_000);
    account.arrive(100, 10);
    assertEquals(100 + 4 * 10, account.used());
  }

  @Test
  void timeCountsByWeight() {
    Account light = new Account();
    light.setTerms(new Terms(0, Terms.NORMAL / 4, true, false, null));
    light.arrive(0, 10);
    light.add(100);
    assertEquals(5 + 400, light.used());
    assertEquals(5 + 400 + 8, light.usedAfter(2));
    light.arrive(395, 10);
    assertEquals(405, light.used());
    light.add(1_000);
    light.arrive(0, 10);
    assertEquals(4 * 40, light.used(), "as far ahead as its own slices make it");
  }
}
