package io.loomvisor.vfs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.wire.DirectoryEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownNamesLimitTest {
  private static final FileTime T = FileTime.EPOCH;
  private static final FileStat STAT =
      new FileStat(1, 2, FileMode.S_IFREG | 0644, 1, 0, 0, 0, 0, 4096, 0, T, T, T, T);

  private static List<DirectoryEntry> entries(int count) {
    List<DirectoryEntry> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new DirectoryEntry("f" + i, i, 8, STAT, null));
    }
    return all;
  }

  private static KnownNames listed(KnownNamesLimit limit, int count) {
    KnownNames names = new KnownNames();
    List<DirectoryEntry> all = entries(count);
    names.learn(all);
    names.keepListing(all, 0);
    names.foresee(all, true, new KnownNames.Batch(count, true));
    limit.learnt(names);
    return names;
  }

  @Test
  void whoLearntLongestAgoForgetsFirst() {
    KnownNamesLimit limit = new KnownNamesLimit();
    int each = KnownNamesLimit.MOST / 16;
    List<KnownNames> directories = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      directories.add(listed(limit, each)); // 2 * each: names and attributes
    }
    int weight = directories.stream().mapToInt(KnownNames::weight).sum();
    assertTrue(weight <= KnownNamesLimit.MOST, "weight: " + weight);
    KnownNames first = directories.getFirst();
    assertFalse(first.exclude("none"));
    assertNull(first.takeForeseen("f0"));
    assertEquals(KnownNames.Batch.FIRST, first.unforeseen());
    KnownNames last = directories.getLast();
    assertTrue(last.exclude("none"));
    assertNotNull(last.takeForeseen("f0"));
    assertNull(last.unforeseen());
  }

  @Test
  void aDirectoryMayKeepMuchIfItIsTheOnlyOne() {
    KnownNamesLimit limit = new KnownNamesLimit();
    KnownNames names = listed(limit, KnownNames.MOST_KEPT - 1);
    assertTrue(names.exclude("none"));
    assertTrue(names.weight() < 2 * KnownNames.MOST_KEPT, "weight: " + names.weight());
    assertFalse(listed(limit, KnownNames.MOST_KEPT + 1).exclude("none"));
  }

  @Test
  void aFileWithOtherNamesIsNotForeseenWhereNamesChange() {
    KnownNames names = new KnownNames();
    FileStat two = new FileStat(1, 2, STAT.mode(), 2, 0, 0, 0, 0, 4096, 0, T, T, T, T);
    List<DirectoryEntry> all = List.of(new DirectoryEntry("f", 2, 8, two, null));
    names.foresee(all, true, KnownNames.Batch.FIRST);
    assertNull(names.takeForeseen("f"));
    names.foresee(all, false, KnownNames.Batch.FIRST);
    assertNotNull(names.takeForeseen("f"));
  }
}
