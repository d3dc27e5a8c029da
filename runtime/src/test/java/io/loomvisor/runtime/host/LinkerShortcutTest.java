package io.loomvisor.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LinkerShortcutTest {
  private static final List<String> CALLS =
      List.of(
          "text: -1 2 3 1099511627776, 20",
          "close: -1, 9",
          "refused",
          "refused",
          "refused",
          "refused");

  /** What jvm-options opens. */
  private static final List<String> OPENED =
      List.of(
          "--add-opens=java.base/jdk.internal.foreign.abi=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.foreign.abi.x64=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.foreign.abi.x64.sysv=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.access=ALL-UNNAMED");

  @Test
  void hostCallsAreMadeByIt() throws IOException, InterruptedException {
    List<String> lines = run(OPENED);
    assertEquals("without: -", lines.get(0));
    assertEquals("again: the linker has one already", lines.get(1));
    assertEquals(CALLS, lines.subList(2, lines.size()));
  }

  @Test
  void withoutItTheLinkerMakesThem() throws IOException, InterruptedException {
    List<String> lines = run(List.of());
    assertTrue(lines.get(0).contains("jdk.internal.foreign.abi"), lines.get(0));
    assertEquals(CALLS, lines.subList(2, lines.size()));
  }

  private static List<String> run(List<String> options) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(System.getProperty("java.home") + "/bin/java");
    line.addAll(options);
    line.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    line.add(System.getProperty("java.class.path"));
    line.add(Shortened.class.getName());
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return Stream.of(text.split("\n")).toList();
  }
}
