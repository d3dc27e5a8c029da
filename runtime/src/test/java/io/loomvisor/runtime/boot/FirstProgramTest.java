package io.loomvisor.runtime.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.FramePageStore;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.LinuxFileTree;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole vertical path on real KVM: a static C program from an in-memory root, its output compared byte for byte. */
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

  /** Set-up happens in no task. */
  private static final Caller NOBODY =
      new Caller() {
        @Override
        public Credentials credentials() {
          return Credentials.root();
        }

        @Override
        public int threadId() {
          return 0;
        }

        @Override
        public int threadGroupId() {
          return 0;
        }

        @Override
        public int processGroupId() {
          return 0;
        }

        @Override
        public int sessionId() {
          return 0;
        }

        @Override
        public void copyIn(long address, MemorySegment target) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void copyOut(long address, MemorySegment source) {
          throw new UnsupportedOperationException();
        }
      };

  @Test
  void staticProgramRunsForksFaultsAndExecs() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "SKIPPED: no /dev/kvm");
    byte[] program = Files.readAllBytes(compile());
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
      WalkContext context = new WalkContext(mounts, mounts.root(), mounts.root(), 0, NOBODY);
      write(tree, context, "/first", program);
      FileDescription output = tree.open(context, "/output", OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0600, 0);
      FdTable descriptors = new FdTable();
      output.tryRetain();
      output.tryRetain();
      for (int fd = 0; fd < 3; fd++) {
        descriptors.install(output, 0, 10, false);
      }
      assertEquals(true, output.tryRetain());
      ThreadGroup group =
          kernel.start(
              new FsContext(mounts, mounts.root(), mounts.root(), 022),
              descriptors,
              Credentials.root(),
              "/first",
              List.of("/first", "hello"),
              List.of("HOME=/"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> kernel.processes().taskCount() == 0 && kernel.processes().group(group.id()) == null);
      String text = read(output);
      assertEquals(
          "argc 2 argv1 hello env0 HOME=/\n" + EXPECTED_ONCE + "argc 3 argv1 again env0 HOME=/\n" + EXPECTED_ONCE, text);
      assertEquals(7 << 8, group.exitStatus());
    }
  }

  private Path compile() throws Exception {
    Path binary = directory.resolve("first");
    Process gcc =
        new ProcessBuilder("gcc", "-O1", "-static", "-o", binary.toString(), "src/test/programs/first.c")
            .redirectErrorStream(true)
            .start();
    String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), messages);
    return binary;
  }

  private static void write(FileTree tree, WalkContext context, String path, byte[] bytes) {
    FileDescription file =
        tree.open(context, path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, FileMode.S_IFREG | 0755, 0);
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
