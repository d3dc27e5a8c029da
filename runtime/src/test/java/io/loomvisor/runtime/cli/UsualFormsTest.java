package io.loomvisor.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class UsualFormsTest {
  private static final List<String> FIELDS =
      List.of(
          "command",
          "strace",
          "debug",
          "platform",
          "rootDirectory",
          "workingDirectory",
          "environment",
          "uid",
          "gid",
          "vcpus",
          "memory",
          "log");

  /** Whatever is recognized is understood as picocli would understand it. */
  @Test
  void understoodAsPicocliDoes() throws ReflectiveOperationException {
    for (String line :
        List.of(
            "do -- /bin/true",
            "do ls -l --color",
            "do --strace --debug sh -c x",
            "do --debug -- a -- b")) {
      String[] args = line.split(" ");
      DoCommand quick = assertInstanceOf(DoCommand.class, UsualForms.command(args), line);
      CommandLine commands = new CommandLine(new CommandLineForms());
      commands.setStopAtPositional(true);
      DoCommand full =
          commands.parseArgs(args).subcommand().commandSpec().commandLine().getCommand();
      for (String name : FIELDS) {
        Field field = DoCommand.class.getDeclaredField(name);
        field.setAccessible(true);
        assertEquals(field.get(full), field.get(quick), line + ": " + name);
      }
    }
  }

  @Test
  void unusualFormsAreLeftToPicocli() {
    for (String line :
        List.of(
            "do",
            "do --",
            "do --help",
            "do --cwd / ls",
            "do -- -x",
            "do --strace",
            "help do",
            "gofer",
            "gofer --socket-fd x --root ro:/",
            "gofer --socket-fd 3 --root /:ro")) {
      assertNull(UsualForms.command(line.split(" ")), line);
    }
    assertNotNull(UsualForms.command(new String[] {"gofer", "--socket-fd", "3", "--root", "ro:/"}));
  }
}
