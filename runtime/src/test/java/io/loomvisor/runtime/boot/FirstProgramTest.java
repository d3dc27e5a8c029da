package io.loomvisor.runtime.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.FramePageStore;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.ProcessStart;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.LinuxFileTree;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole vertical path on real KVM: a static C program from an in-memory root, its output
 * compared byte for byte.
 */
class FirstProgramTest {
  private static final String EXPECTED_ONCE =
      """
      sum 261120
      child c
      parent p reaped 1 status 2a00
      fault handled
      write done
      read 3 345 bad -1
      killed by 11
      """;

  @TempDir private Path directory;

  /** What a finished sandbox left behind. */
  private record Outcome(String output, int status) {}

  @Test
  void staticProgramRunsForksFaultsAndExecs() throws Exception {
    Outcome outcome =
        run(
            Map.of("/first", Files.readAllBytes(compile("first"))),
            List.of("/first", "hello"),
            List.of("HOME=/"));
    assertEquals(
        "argc 2 argv1 hello env0 HOME=/\n"
            + EXPECTED_ONCE
            + "argc 3 argv1 again env0 HOME=/\n"
            + EXPECTED_ONCE,
        outcome.output());
    assertEquals(7 << 8, outcome.status());
  }

  @Test
  void busyboxShellRunsPipelinesRedirectionsAndSubshells() throws Exception {
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(Files.isExecutable(busybox), "SKIPPED: no /bin/busybox (package busybox-static)");
    String script =
        """
        b=/busybox
        for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; done | $b sed s/1/x/ | $b sort | $b tail -n 3
        echo one two three > /file; $b wc -w < /file; $b cat /file | ($b tr a-z A-Z)
        x=$($b expr 6 '*' 7); echo "answer $x"
        mkdir /dir; cd /dir; echo 1 > a; echo 2 > b; ln -s a c; $b ls; $b cat c
        (exit 5); echo "status $?"
        $b sh -c 'kill -TERM $$'; echo "status $?"
        trap 'echo trapped' USR1; kill -USR1 $$
        no-such-command 2>/dev/null; echo "status $?"
        exit 3
        """;
    Map<String, byte[]> files = Map.of("/busybox", Files.readAllBytes(busybox));
    Outcome outcome =
        run(files, List.of("/busybox", "sh", "-c", script), List.of("PATH=/", "HOME=/"));
    assertEquals(
        """
        9
        x
        x0
        3
        ONE TWO THREE
        answer 42
        a
        b
        c
        1
        status 5
        Terminated
        status 143
        trapped
        status 127
        """,
        outcome.output());
    assertEquals(3 << 8, outcome.status());
  }

  @Test
  void threadsMeetOnMutexesConditionsAndBarriers() throws Exception {
    Outcome outcome =
        run(
            Map.of("/threads", Files.readAllBytes(compile("threads"))),
            List.of("/threads"),
            List.of());
    assertEquals(
        "counter 20000\nturns 200\nbarrier 16\ntimed out 1\nowner died 1\n", outcome.output());
    assertEquals(0, outcome.status());
  }

  private static Outcome run(Map<String, byte[]> files, List<String> argv, List<String> envp) {
    assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "SKIPPED: no /dev/kvm");
    try (KvmPlatform platform = KvmPlatform.create(KvmOptions.DEFAULT.withMemoryLimit(512L << 20));
        HeapTimerService timers = new HeapTimerService()) {
      Kernel kernel = new Kernel(platform, timers, "test", null);
      FileTree tree = new LinuxFileTree();
      TmpFilesystem root =
          new TmpFilesystem(
              new FramePageStore(platform.memory()),
              DeviceRegistry.NONE,
              FileClock.SYSTEM,
              TmpFilesystem.Options.DEFAULT.withRootMode(0755));
      MountNamespace mounts = new MountNamespace(root, "none", 0);
      WalkContext context =
          new WalkContext(mounts, mounts.root(), mounts.root(), 0, KernelCaller.ROOT);
      files.forEach((path, bytes) -> write(tree, context, path, bytes));
      tree.mkdir(context, "/dev", 0755);
      write(tree, context, "/dev/null", new byte[0]);
      int flags = OpenFlags.O_CREAT | OpenFlags.O_RDWR | OpenFlags.O_APPEND;
      FileDescription output = tree.open(context, "/output", flags, 0600, 0);
      FdTable descriptors = new FdTable();
      for (int fd = 0; fd < 3; fd++) {
        assertTrue(output.tryRetain());
        descriptors.install(output, 0, 10, false);
      }
      FsContext fs = new FsContext(mounts, mounts.root(), mounts.root(), 022);
      ThreadGroup group =
          kernel.start(
              new ProcessStart(fs, descriptors, Credentials.root(), argv.getFirst(), argv, envp));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  kernel.processes().allTasks().stream().allMatch(Task::neverRuns)
                      && kernel.processes().group(group.id()) == null);
      return new Outcome(read(output), group.exitStatus());
    }
  }

  private Path compile(String name) throws Exception {
    Path binary = directory.resolve(name);
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-O1",
                "-static",
                "-pthread",
                "-o",
                binary.toString(),
                "src/test/programs/" + name + ".c")
            .redirectErrorStream(true)
            .start();
    String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), messages);
    return binary;
  }

  private static void write(FileTree tree, WalkContext context, String path, byte[] bytes) {
    FileDescription file =
        tree.open(
            context, path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, FileMode.S_IFREG | 0755, 0);
    HeapBuffer source = HeapBuffer.wrap(bytes);
    while (source.remaining() > 0) {
      file.write(source);
    }
    file.release();
  }

  private static String read(FileDescription file) {
    byte[] bytes = new byte[1 << 16];
    HeapBuffer target = HeapBuffer.wrap(bytes);
    file.pread(target, 0);
    return new String(bytes, 0, target.position(), StandardCharsets.ISO_8859_1);
  }
}
