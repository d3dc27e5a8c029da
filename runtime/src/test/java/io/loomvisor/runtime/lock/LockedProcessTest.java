package io.loomvisor.runtime.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock as the host's kernel enforces it, on a child process ({@link Locked}). */
class LockedProcessTest {
  private static final int EPERM = -1;
  private static final int ENOSYS = -38;

  /** What the shell and the JDK say of a process that died of SIGSYS. */
  private static final int KILLED_BY_SIGSYS = 128 + 31;

  /** One harmless call of each syscall that is allowed; all fail, or change nothing. */
  private static final List<String> ALLOWED =
      List.of(
          "IOCTL -1 0xAE80",
          "FUTEX 0 1 0",
          "SENDMSG -1 0 0",
          "RECVMSG -1 0 0",
          "PREADV2 -1 0 0 0 0 0",
          "PWRITEV2 -1 0 0 0 0 0",
          "READ -1 0 0",
          "WRITE -1 0 0",
          "PREAD64 -1 0 0 0",
          "LSEEK -1 0 0",
          "PPOLL 0 0 1",
          "FSTAT -1 0",
          "FTRUNCATE -1 0",
          "FALLOCATE -1 0 0 0",
          "FSYNC -1",
          "FDATASYNC -1",
          "CLOSE -1",
          "FCNTL -1 3",
          "SHUTDOWN -1 2",
          "MMAP 0 0 3 0x22 -1 0",
          "MUNMAP 0 0",
          "MPROTECT 1 0 3",
          "MADVISE 1 0 4",
          "BRK 0",
          "GETTID",
          "GETPID",
          "TGKILL self -1 0",
          "RT_SIGPROCMASK 77 0 0 8",
          "PRCTL 15 1",
          "SCHED_GETAFFINITY 0 0 0",
          "SCHED_SETAFFINITY 0 0 0",
          "SCHED_YIELD",
          "CLOCK_NANOSLEEP 77 0 0 0",
          "CLOCK_GETTIME 77 0",
          "RESTART_SYSCALL");

  /** Never of use to the sentry, and arguments that are not. */
  private static final List<String> DENIED =
      List.of(
          "OPEN path 0",
          "OPENAT -100 path 0",
          "OPENAT2 -100 path 0 0",
          "CREAT path 0",
          "STAT path 0",
          "SOCKET 1 1 0",
          "SOCKETPAIR 1 1 0 0",
          "CONNECT 0 0 0",
          "BIND 0 0 0",
          "LISTEN 0 0",
          "ACCEPT 0 0 0",
          "EXECVE path 0 0",
          "EXECVEAT -100 path 0 0 0",
          "FORK",
          "VFORK",
          "CLONE 17",
          "CLONE 0x10000000",
          "UNSHARE 0",
          "SETNS -1 0",
          "PTRACE 0 0 0 0",
          "PROCESS_VM_READV 1 0 0 0 0 0",
          "MOUNT 0 path 0 0 0",
          "UMOUNT2 path 0",
          "CHROOT path",
          "PIVOT_ROOT path path",
          "BPF 0 0 0",
          "PERF_EVENT_OPEN 0 0 0 0 0",
          "IO_URING_SETUP 1 0",
          "KILL self 0",
          "TKILL 1 0",
          "TGKILL 1 1 0",
          "SCHED_SETAFFINITY 1 0 0",
          "PRCTL 4 1",
          "PRCTL 38 1",
          "IOCTL 0 0x5412",
          "IOCTL -1 0xAE01",
          "FCNTL 1 4 0",
          "MMAP 0 4096 4 0x22 -1 0",
          "MMAP 0 4096 7 0x22 -1 0",
          "MPROTECT 0 4096 4",
          "MEMFD_CREATE path 0",
          "EVENTFD2 0 0",
          "SETUID 0",
          "UNLINK path",
          "KEYCTL 0",
          "REBOOT 0",
          "USERFAULTFD 0");

  @TempDir private Path directory;

  private record Outcome(int status, String text) {}

  private Outcome run(List<String> prefix, String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(prefix);
    line.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    line.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:InitialCodeCacheSize=64m",
            "-XX:-UseContainerSupport",
            "-XX:-UseDynamicNumberOfCompilerThreads",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED"));
    if (!prefix.isEmpty()) {
      line.add("-Dloomvisor.isolated=true");
    }
    String path = archive() + ":" + System.getProperty("java.class.path");
    line.addAll(List.of("-cp", path, Locked.class.getName()));
    line.addAll(List.of(arguments));
    Path in = Files.writeString(directory.resolve("in"), input);
    Path out = directory.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("GLIBC_TUNABLES", "glibc.pthread.rseq=0");
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    Process process = builder.start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("hangs: " + Files.readString(out));
    }
    return new Outcome(process.exitValue(), Files.readString(out));
  }

  /**
   * The program in an archive, as the sentry is: one whose classes lie in a directory opens them.
   */
  private Path archive() throws IOException {
    Path archive = directory.resolve("locked.jar");
    Path classes = Path.of("target/test-classes");
    Path folder = Path.of(Locked.class.getPackageName().replace('.', '/'));
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive));
        DirectoryStream<Path> files =
            Files.newDirectoryStream(classes.resolve(folder), "Locked*.class")) {
      for (Path file : files) {
        jar.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        jar.write(Files.readAllBytes(file));
      }
    }
    return archive;
  }

  @Test
  void theKernelAllowsAndDeniesAsTheListSays() throws Exception {
    List<String> calls = new ArrayList<>(ALLOWED);
    calls.addAll(DENIED);
    calls.addAll(List.of("CLONE3 0 0", "MREMAP 1 0 0 1", "SET_ROBUST_LIST 0 0"));
    Outcome outcome = run(List.of(), String.join("\n", calls), "tell");
    assertEquals(0, outcome.status(), outcome.text());
    int seen = 0;
    for (String line : outcome.text().lines().filter(l -> l.contains(" = ")).toList()) {
      String call = line.substring(0, line.indexOf(" = "));
      long result = Long.parseLong(line.substring(line.indexOf(" = ") + 3));
      if (ALLOWED.contains(call)) {
        assertTrue(result != EPERM && result != ENOSYS, line);
      } else if (DENIED.contains(call)) {
        assertEquals(EPERM, result, line);
      } else {
        assertEquals(ENOSYS, result, line);
      }
      seen++;
    }
    assertEquals(calls.size(), seen, outcome.text());
  }

  @Test
  void aSubvertedSentryDiesOfSigsys() throws Exception {
    for (String call : List.of("OPENAT2 -100 path 0 0", "SOCKET 1 1 0", "MPROTECT 0 4096 7")) {
      List<String> words = new ArrayList<>(List.of("lock"));
      words.addAll(List.of(call.split(" ")));
      Outcome outcome = run(List.of(), "", words.toArray(String[]::new));
      assertEquals(KILLED_BY_SIGSYS, outcome.status(), call + ": " + outcome.text());
      assertTrue(outcome.text().contains("locked\n"), outcome.text());
    }
    Outcome allowed = run(List.of(), "", "lock", "SCHED_YIELD");
    assertEquals(0, allowed.status(), allowed.text());
  }

  @Test
  void theJvmLivesUnderIt() throws Exception {
    Outcome outcome = run(isolation(), "", "live");
    assertEquals(0, outcome.status(), outcome.text());
    for (String word :
        List.of("overflowed\n", "exhausted\n", "grown\n", "14\n", "12,345", "alive\n")) {
      assertTrue(outcome.text().contains(word), word + " in " + outcome.text());
    }
  }

  private static List<String> isolation() throws IOException, InterruptedException {
    List<String> unshare = List.of("unshare", "--mount", "--net", "--ipc", "--uts");
    List<String> trial = new ArrayList<>(unshare);
    trial.add("true");
    assumeTrue(
        new ProcessBuilder(trial).start().waitFor() == 0, "SKIPPED: no rights to make namespaces");
    return unshare;
  }
}
