package io.loomvisor.platform.kvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.MemoryFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Frames come and go; the host's memory follows later. No KVM is needed. */
class MemoryFileTest {
  private static final int RESERVED = 16;

  /** What stays with the sandbox however idle it is, in frames. */
  private static final int KEPT = 4096;

  private final Set<Path> before = memoryFiles();
  private final MemoryFileImpl memory =
      new MemoryFileImpl(1L << 29, RESERVED, (first, count, address) -> {});

  @AfterEach
  void close() {
    memory.close();
  }

  private static Set<Path> memoryFiles() {
    Set<Path> found = new HashSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path p : all) {
        if (Files.isSymbolicLink(p)
            && Files.readSymbolicLink(p).toString().contains("loomvisor-memory")) {
          found.add(p);
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return found;
  }

  /** Frames that the host has memory for. */
  private long hostFrames() throws IOException, InterruptedException {
    Set<Path> mine = memoryFiles();
    mine.removeAll(before);
    Path file =
        Path.of(
            "/proc/"
                + ProcessHandle.current().pid()
                + "/fd/"
                + mine.iterator().next().getFileName());
    Process stat =
        new ProcessBuilder("stat", "-L", "-c", "%b", file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String blocks = new String(stat.getInputStream().readAllBytes()).trim();
    assertEquals(0, stat.waitFor());
    return Long.parseLong(blocks) * 512 / 4096;
  }

  private void release(long first, int count) {
    for (int i = 0; i < count; i++) {
      memory.release(first + i);
    }
  }

  private boolean zero(long first, int count) {
    for (long at = first << 12; at < first + count << 12; at += 8) {
      if (memory.whole().get(ValueLayout.JAVA_LONG, at) != 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void runsAreUsedAgainAndReadAsZeros() {
    long first = memory.allocate(64, 1);
    memory.segment(first, 64).fill((byte) 7);
    release(first, 64);
    long again = memory.allocate(32, 1);
    assertEquals(first, again);
    assertTrue(zero(again, 32));
    long aligned = memory.allocate(16, 16);
    assertEquals(0, aligned % 16);
    assertTrue(aligned >= first + 32 && aligned + 16 <= first + 64, "of the same run");
    assertTrue(zero(aligned, 16));
    long lone = memory.allocate();
    assertTrue(zero(lone, 1));
    long tooLong = memory.allocate(64, 1);
    assertTrue(tooLong >= first + 64);
    assertTrue(zero(tooLong, 64));
    assertEquals(RESERVED + 32 + 16 + 1 + 64, memory.framesInUse());
  }

  @Test
  void frameToFillHasOneReference() {
    long one = memory.allocateToFill(1);
    assertEquals(1, memory.references(one));
    release(one, 1);
    long run = memory.allocateToFill(3);
    for (int i = 0; i < 3; i++) {
      assertEquals(1, memory.references(run + i));
    }
    assertEquals(RESERVED + 3, memory.framesInUse());
  }

  @Test
  void whatNobodyWantsGoesBackToTheHost() throws IOException, InterruptedException {
    int count = 12_000;
    long first = memory.allocate(count, 1);
    memory.segment(first, count).fill((byte) 1);
    release(first, count);
    memory.giveBackUnused();
    assertTrue(hostFrames() >= count, "it may be wanted again: " + hostFrames());
    long wanted = memory.allocate(6000, 1);
    release(wanted, 6000);
    memory.giveBackUnused();
    assertTrue(hostFrames() >= 6000 + KEPT, "6000 have been wanted: " + hostFrames());
    memory.giveBackUnused();
    assertTrue(hostFrames() < KEPT + 2000, "nobody wanted any: " + hostFrames());
    memory.giveBackUnused();
    assertTrue(hostFrames() >= KEPT);
    long all = memory.allocate(count, 1);
    assertTrue(zero(all, count));
  }

  @Test
  void allOfItCanBeHadAgain() {
    try (MemoryFileImpl small = new MemoryFileImpl(1L << 26, RESERVED, (f, count, at) -> {})) {
      int run = 1000;
      long[] firsts = new long[(int) ((small.frameLimit() - RESERVED) / run)];
      for (int i = 0; i < firsts.length; i++) {
        firsts[i] = small.allocateToFill(run);
      }
      assertThrows(MemoryFile.OutOfMemoryException.class, () -> small.allocate(run, 1));
      for (int i = 0; i < 2 * run; i++) {
        small.release(firsts[3] + i);
      }
      assertEquals(firsts[3], small.allocate(2 * run, 1));
    }
  }
}
