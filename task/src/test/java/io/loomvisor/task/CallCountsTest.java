package io.loomvisor.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CallCountsTest {
  private final CallCounts counts = new CallCounts();

  private Map<Integer, String> seen() {
    Map<Integer, String> all = new TreeMap<>();
    counts.visit((number, count, nanos) -> all.put(number, count + " in " + nanos));
    return all;
  }

  private void call(int number, long from, long to) {
    counts.begin(number, from);
    counts.end(to);
  }

  @Test
  void countsAndTimesByNumber() {
    call(39, 10, 15);
    call(0, 20, 21);
    call(39, 30, 37);
    assertEquals(Map.of(0, "1 in 1", 39, "2 in 12"), seen());
  }

  /** Somebody else has served it while the thread was in the application. */
  @Test
  void callsServedAsideCountToo() {
    call(0, 20, 21);
    counts.count(0, 2);
    counts.count(-7, 3);
    assertEquals(CallCounts.NONE, counts.current());
    assertEquals(Map.of(0, "2 in 3", CallCounts.OTHER, "1 in 3"), seen());
  }

  @Test
  void aCallThatHasNotEndedIsTheCurrentOne() {
    assertEquals(CallCounts.NONE, counts.current());
    counts.begin(35, 10);
    assertEquals(35, counts.current());
    assertEquals(Map.of(), seen());
    counts.end(11);
    counts.end(12); // the application was interrupted, not called from
    assertEquals(CallCounts.NONE, counts.current());
    assertEquals(Map.of(35, "1 in 1"), seen());
  }

  @Test
  void growsWithoutLoss() {
    for (int round = 0; round < 3; round++) {
      for (int number = 0; number < 400; number++) {
        call(number, 0, number);
      }
    }
    Map<Integer, String> all = seen();
    assertEquals(400, all.size());
    all.forEach((number, text) -> assertEquals("3 in " + 3 * number, text));
  }

  @Test
  void numbersThatNoCallHasAreOneKind() {
    for (int number : new int[] {-1, Integer.MIN_VALUE, 512, 5000, Integer.MAX_VALUE}) {
      call(number, 0, 1);
    }
    assertEquals(Map.of(CallCounts.OTHER, "5 in 5"), seen());
  }
}
