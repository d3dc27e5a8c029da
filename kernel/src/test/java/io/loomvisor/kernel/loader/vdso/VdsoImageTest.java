package io.loomvisor.kernel.loader.vdso;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VdsoImageTest {
  @TempDir private Path directory;

  @Test
  void codeIsWhatTheAssemblyGives() throws IOException, InterruptedException {
    Path object = directory.resolve("vdso.o");
    Path binary = directory.resolve("vdso.bin");
    tool("as", "-o", object.toString(), Path.of("src/main/asm/vdso.S").toAbsolutePath().toString());
    tool("objcopy", "-O", "binary", "-j", ".text", object.toString(), binary.toString());
    assertArrayEquals(Files.readAllBytes(binary), VdsoCode.bytes());
    Map<String, Integer> offsets = new HashMap<>();
    for (String line : tool("nm", "-g", object.toString()).lines().toList()) {
      String[] words = line.split(" ");
      offsets.put(words[2], (int) Long.parseLong(words[0], 16));
    }
    Map<String, Integer> known = new HashMap<>();
    VdsoCode.FUNCTIONS.forEach(f -> known.put(f.name(), f.offset()));
    assertEquals(offsets, known);
  }

  /** What readelf makes of it, as a stranger to our writer. */
  @Test
  void binutilsReadIt() throws IOException, InterruptedException {
    Path file = directory.resolve("vdso.so");
    Files.write(file, VdsoImage.build());
    String text = tool("readelf", "-W", "-l", "-d", "-s", "-D", file.toString());
    assertTrue(!text.contains("Warning") && !text.contains("Error"), text);
    for (String wanted :
        new String[] {
          "Library soname: [linux-vdso.so.1]",
          " __vdso_clock_gettime@@LINUX_2.6",
          " clock_gettime@@LINUX_2.6",
          " __vdso_getcpu@@LINUX_2.6",
          "GNU_EH_FRAME"
        }) {
      assertTrue(text.contains(wanted), wanted + " is missing in\n" + text);
    }
  }

  @Test
  void hashIsThatOfTheAbi() {
    assertEquals(0x3ae75f6, VdsoImage.hash("LINUX_2.6"));
  }

  private static String tool(String... command) throws IOException, InterruptedException {
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.waitFor(), command[0] + ": " + out);
    return out;
  }
}
