package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code install} and {@code uninstall} change what they say they change. */
class InstallTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LAUNCHER = Product.TREE.resolve("loomvisor").toString();

  @TempDir private Path directory;

  private Product.Outcome run(String command, Path file) throws InterruptedException {
    return Product.run(List.of(LAUNCHER, command, "--config", file.toString()), directory, LIMIT);
  }

  private static JsonObject json(Path file) throws Exception {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  private static String path(Path file) throws Exception {
    return json(file)
        .getAsJsonObject("runtimes")
        .getAsJsonObject("loomvisor")
        .get("path")
        .getAsString();
  }

  @Test
  void aFileThatIsMissingIsMade() throws Exception {
    Path file = directory.resolve("docker/daemon.json");
    Product.Outcome outcome = run("install", file);
    assertEquals(0, outcome.status(), outcome.errors());
    assertTrue(outcome.text().startsWith(file + ": runtime loomvisor is now " + LAUNCHER + ".\n"));
    assertEquals(LAUNCHER, path(file));
    assertTrue(run("install", file).text().endsWith(". Nothing to do.\n"));
    assertEquals(0, run("uninstall", file).status());
    assertEquals(new JsonObject(), json(file));
    assertEquals(
        file + " has no runtime loomvisor. Nothing to do.\n", run("uninstall", file).text());
  }

  @Test
  void helpIsThere() throws Exception {
    for (String command : List.of("install", "uninstall", "syscalls")) {
      Product.Outcome help = Product.run(List.of(LAUNCHER, command, "--help"), directory, LIMIT);
      assertEquals(0, help.status(), help.errors());
      assertTrue(help.text().startsWith("Usage: loomvisor " + command), help.text());
    }
  }

  @Test
  void otherSettingsStay() throws Exception {
    String others =
        "{\"log-driver\": \"local\", \"default-runtime\": \"loomvisor\", \"mtu\": 1450.0, \"runtimes\":"
            + " {\"other\": {\"path\": \"/x<y\", \"runtimeArgs\": [\"--a\"]}, \"loomvisor\": {\"path\":"
            + " \"/old\"}}}";
    Path file = Files.writeString(directory.resolve("daemon.json"), others);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Product.Outcome outcome = run("install", file);
    assertTrue(outcome.text().contains(", before /old.\n"), outcome.text());
    JsonObject wanted = JsonParser.parseString(others).getAsJsonObject();
    wanted.getAsJsonObject("runtimes").getAsJsonObject("loomvisor").addProperty("path", LAUNCHER);
    assertEquals(wanted, json(file));
    assertTrue(Files.readString(file).contains("/x<y"));
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(run("uninstall", file).text().contains("It was the default runtime"));
    wanted.getAsJsonObject("runtimes").remove("loomvisor");
    wanted.remove("default-runtime");
    assertEquals(wanted, json(file));
  }

  @Test
  void aBrokenFileIsNamedAndLeft() throws Exception {
    for (String broken : List.of("{ \"a\": ", "[]", "{\"runtimes\": 7}")) {
      Path file = Files.writeString(directory.resolve("daemon.json"), broken);
      for (String command : List.of("install", "uninstall")) {
        Product.Outcome outcome = run(command, file);
        assertFalse(outcome.status() == 0);
        assertTrue(outcome.errors().startsWith("loomvisor: " + file + ": "), outcome.errors());
        assertTrue(outcome.errors().contains("left as it is"), outcome.errors());
        assertEquals(1, outcome.errors().lines().count(), outcome.errors());
        assertEquals(broken, Files.readString(file));
      }
    }
  }
}
