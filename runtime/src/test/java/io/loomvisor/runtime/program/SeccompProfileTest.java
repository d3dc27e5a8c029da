package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** linux.seccomp of config.json binds all processes of a container. */
class SeccompProfileTest {
  /** 13 is EACCES, 38 ENOSYS, 34 ERANGE: errors that these calls would not have otherwise. */
  private static final String PROFILE =
      """
      {'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86_64'], 'syscalls': [
        {'names': ['mkdir', 'mkdirat', 'no_such_call'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 13},
        {'names': ['kill'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 34,
         'args': [{'index': 1, 'value': 10, 'op': 'SCMP_CMP_EQ'}]},
        {'names': ['chmod', 'fchmodat'], 'action': 'SCMP_ACT_KILL_PROCESS'},
        {'names': ['getppid'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1}]}
      """;

  private static final String SCRIPT =
      """
      busybox mkdir /tmp/x 2>&1
      trap 'echo usr1' USR1
      trap 'echo usr2' USR2
      kill -USR1 $$ 2>&1
      kill -USR2 $$ 2>&1
      sh -c 'busybox chmod 700 /tmp; echo $?'
      grep Seccomp: /proc/self/status
      touch /tmp/ready
      sleep 1000
      """;

  @TempDir private Path directory;

  @Test
  void itsProcessesTheirChildrenAndExecutedOnes() throws Exception {
    Bundle bundle = Bundle.of(directory, SCRIPT);
    bundle.change(c -> c.getAsJsonObject("linux").add("seccomp", Bundle.json(PROFILE)));
    bundle.create("filtered");
    try {
      bundle.succeed("start", "filtered");
      bundle.succeed("exec", "filtered", "sh", "-c", "until [ -e /tmp/ready ]; do sleep 0.1; done");
      assertEquals(
          """
          mkdir: can't create directory '/tmp/x': Permission denied
          sh: can't kill pid 1: Numerical result out of range
          usr2
          Bad system call
          159
          Seccomp:\t2
          """,
          java.nio.file.Files.readString(bundle.output()));
      assertEquals(
          "mkdir: can't create directory '/tmp/y': Permission denied\nSeccomp:\t2\n",
          bundle.succeed(
              "exec",
              "filtered",
              "sh",
              "-c",
              "busybox mkdir /tmp/y 2>&1; grep Seccomp: /proc/self/status"));
    } finally {
      bundle.succeed("delete", "--force", "filtered");
    }
  }

  @Test
  void namesThatAreNoCallsAreToldAndNotRefused() throws Exception {
    Bundle bundle = Bundle.of(directory, "echo runs");
    JsonObject profile = Bundle.json(PROFILE).getAsJsonObject();
    bundle.change(c -> c.getAsJsonObject("linux").add("seccomp", profile));
    assertEquals("runs\n", bundle.succeed("run", "told"));
    String log = java.nio.file.Files.readString(bundle.log);
    assertEquals(
        true,
        log.contains("linux.seccomp: no such system calls on x86-64, ignored: no_such_call"),
        log);
  }
}
