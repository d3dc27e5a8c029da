package io.loomvisor.platform.kvm.ring0;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.InstantAnswers.Answer;
import io.loomvisor.platform.kvm.memory.CallPage;
import io.loomvisor.platform.kvm.ring0.EntryCode.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code bytes are those of the assembly, and the offsets those of its symbols. */
@Tag("binutils")
class CodeBytesTest {
  @TempDir Path directory;

  @Test
  void stubs() throws IOException, InterruptedException {
    assertArrayEquals(assemble("ring0"), Ring0.code());
  }

  @Test
  void entryOfRing0() throws IOException, InterruptedException {
    assertArrayEquals(assemble("entry"), EntryCode.bytes(false));
    checkSymbols();
    checkPosting(false);
  }

  @Test
  void entryOfRing3() throws IOException, InterruptedException {
    assertArrayEquals(assemble("entry", "--defsym", "RING3=1"), EntryCode.bytes(true));
    checkSymbols();
    checkPosting(true);
  }

  private Map<String, Long> symbols() throws IOException, InterruptedException {
    return tool("nm", directory.resolve("entry.o").toString())
        .lines()
        .map(l -> l.strip().split(" +"))
        .collect(Collectors.toMap(w -> w[2], w -> Long.parseUnsignedLong(w[0], 16)));
  }

  private void checkPosting(boolean inRing3) throws IOException, InterruptedException {
    Map<String, Long> symbols = symbols();
    long desk = Layout.BASE - Layout.entry(0);
    assertEquals(Layout.deskSpins(0) + desk, symbols.get("SPINS"));
    assertEquals(Layout.deskArea(0) + desk, symbols.get("AREA"));
    assertEquals(Layout.deskScratch(0) + desk, symbols.get("SCRATCH_AT"));
    assertEquals(Layout.deskAwaited(0) + desk, symbols.get("AWAITED"));
    assertEquals(Layout.deskAwaitedArgument(0) + desk, symbols.get("AWAITED_ARGUMENT"));
    assertEquals(Layout.deskPatience(0) + desk, symbols.get("PATIENCE"));
    assertEquals(Layout.deskSeen(0) + desk, symbols.get("SEEN"));
    assertEquals(Layout.HAPPENED + Layout.BASE, symbols.get("HAPPENED"));
    assertEquals(Layout.POSTABLE + Layout.BASE, symbols.get("POSTABLE"));
    assertEquals(Layout.POSTABLE_LIMIT, symbols.get("POSTABLE_LIMIT"));
    assertEquals(Layout.CALL_PAGE + Layout.scratch(0), symbols.get("SCRATCH"));
    String[] words = {"STATE", "LEFT", "NUMBER", "RDI", "RSI", "RDX", "R10", "R8", "R9"};
    int[] offsets = {
      CallPage.STATE,
      CallPage.LEFT,
      CallPage.NUMBER,
      CallPage.RDI,
      CallPage.RSI,
      CallPage.RDX,
      CallPage.R10,
      CallPage.R8,
      CallPage.R9
    };
    for (int i = 0; i < words.length; i++) {
      assertEquals(offsets[i], symbols.get(words[i]), words[i]);
    }
    int saved = (int) (long) symbols.get("post_saved");
    int counting = (int) (long) symbols.get("post_counting");
    int posted = (int) (long) symbols.get("post_posted");
    int leave = (int) (long) symbols.get("leave_posted");
    assertEquals(EntryCode.POST, symbols.get("post"));
    assertEquals(Progress.NONE, EntryCode.progress(saved - 1, inRing3));
    assertEquals(Progress.SAVED, EntryCode.progress(saved, inRing3));
    assertEquals(Progress.SAVED, EntryCode.progress(counting - 1, inRing3));
    assertEquals(Progress.COUNTING, EntryCode.progress(counting, inRing3));
    assertEquals(Progress.COUNTING, EntryCode.progress(posted - 1, inRing3));
    assertEquals(Progress.POSTED, EntryCode.progress(posted, inRing3));
    assertTrue(EntryCode.leavesPosted(leave, inRing3));
    assertTrue(EntryCode.leavesPosted((int) (long) symbols.get("post_end"), inRing3));
    assertFalse(EntryCode.leavesPosted(EntryCode.LEAVE, inRing3));
    assertEquals(-1, EntryCode.numberAt(EntryCode.POST));
  }

  private void checkSymbols() throws IOException, InterruptedException {
    Map<String, Long> symbols = symbols();
    assertEquals(EntryCode.LEAVE, symbols.get("leave"));
    assertEquals(EntryCode.SYSRET, symbols.get("resume_sysret"));
    assertEquals(Layout.desk(0) + Layout.BASE - Layout.entry(0), symbols.get("CURRENT"));
    assertEquals(Layout.WAITING + Layout.BASE, symbols.get("WAITING"));
    assertEquals(-1, EntryCode.numberAt(EntryCode.LEAVE));
    assertEquals(-1, EntryCode.numberAt(EntryCode.bytes(false).length));
    String[] calls = {
      "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getppid", "sched_yield"
    };
    String[] fields = {"PID", "TID", "UID", "EUID", "GID", "EGID", "PPID"};
    for (int i = 0; i < calls.length; i++) {
      int at = (int) (long) symbols.get("answer_SYS_" + calls[i]);
      int number = (int) (long) symbols.get("SYS_" + calls[i]);
      assertEquals(number, EntryCode.numberAt(at), calls[i]);
      assertEquals(number, EntryCode.numberAt(at + EntryCode.ANSWER_SIZE - 1), calls[i]);
      if (i < fields.length) {
        assertEquals(Answer.values()[i].number(), number);
        assertEquals(4 + 4 * i, symbols.get(fields[i]));
      }
    }
  }

  private byte[] assemble(String name, String... options) throws IOException, InterruptedException {
    String source = Path.of("src/main/asm/" + name + ".S").toAbsolutePath().toString();
    String object = directory.resolve(name + ".o").toString();
    Path binary = directory.resolve(name + ".bin");
    String[] command = new String[options.length + 4];
    command[0] = "as";
    System.arraycopy(options, 0, command, 1, options.length);
    command[options.length + 1] = "-o";
    command[options.length + 2] = object;
    command[options.length + 3] = source;
    tool(command);
    tool("objcopy", "-O", "binary", "-j", ".text", object, binary.toString());
    return Files.readAllBytes(binary);
  }

  private static String tool(String... command) throws IOException, InterruptedException {
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.waitFor(), command[0] + ": " + out);
    return out;
  }
}
