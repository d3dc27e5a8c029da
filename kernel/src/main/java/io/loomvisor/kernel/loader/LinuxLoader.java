package io.loomvisor.kernel.loader;

import static io.loomvisor.task.memory.MemoryFlags.MAP_ANONYMOUS;
import static io.loomvisor.task.memory.MemoryFlags.MAP_FIXED;
import static io.loomvisor.task.memory.MemoryFlags.MAP_GROWSDOWN;
import static io.loomvisor.task.memory.MemoryFlags.MAP_PRIVATE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_STACK;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.credential.ExecCredentials;
import io.loomvisor.kernel.loader.vdso.Vdso;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.Personality;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.memory.ProgramInfo;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.proc.MemoryStatus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * ELF programs and {@code #!} scripts (fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c). Set-id bits
 * are not honoured yet.
 */
public final class LinuxLoader implements ProgramLoader {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BINPRM_BUF_SIZE = 256;

  /** Files looked at for one execve: five scripts and the program (exec_binprm() of fs/exec.c). */
  private static final int MAX_IMAGES = 6;

  private static final int X_OK = 1;

  /** Where position-independent programs go: two thirds up the user half (ELF_ET_DYN_BASE). */
  private static final long PIE_BASE = 0x5555_5555_4000L;

  /** vm.mmap_rnd_bits is 28. */
  private static final long MMAP_RANDOM = (1L << 28) - 1;

  /** STACK_RND_MASK: 16 GiB. */
  private static final long STACK_RANDOM = 0x3fffff;

  private static final long STACK_GAP = 128L << 20;
  private static final long STACK_START_SIZE = 132L << 10;
  private static final int MAX_STRINGS = 6 << 20;

  private final KernelContext kernel;
  private final Platform platform;
  private final Vdso vdso;

  public LinuxLoader(KernelContext kernel, Platform platform, Vdso vdso) {
    this.kernel = kernel;
    this.platform = platform;
    this.vdso = vdso;
  }

  @Override
  public ExecImage load(
      Task task,
      int directory,
      String path,
      int flags,
      List<String> arguments,
      List<String> environment) {
    WalkContext context = context(task, directory, path, flags);
    int walk =
        ((flags & AT_SYMLINK_NOFOLLOW) == 0 ? FileTree.FOLLOW : 0)
            | ((flags & AT_EMPTY_PATH) != 0 ? FileTree.EMPTY_PATH : 0);
    List<String> argv = new ArrayList<>(arguments);
    if (argv.isEmpty()) {
      argv.add(""); // Linux since 5.18: a program never sees argc 0
    }
    boolean byDescriptor = directory != AT_FDCWD && !path.startsWith("/");
    String shown =
        byDescriptor ? "/dev/fd/" + directory + (path.isEmpty() ? "" : "/" + path) : path;
    String name = path;
    for (int depth = 0; depth < MAX_IMAGES; depth++) {
      VfsPath found = kernel.fileTree().walk(context, name, walk);
      FileDescription file = open(context, found);
      try {
        String[] script = scriptLine(file);
        if (script == null) {
          return elf(task, context, file, shown, argv, environment);
        }
        if (depth == 0 && byDescriptor && task.descriptors().isCloseOnExec(directory)) {
          // The interpreter could not open it by its name.
          throw Errno.ENOENT.exception();
        }
        argv.removeFirst();
        argv.addFirst(depth == 0 ? shown : name);
        if (script[1] != null) {
          argv.addFirst(script[1]);
        }
        argv.addFirst(script[0]);
        name = script[0];
        walk = FileTree.FOLLOW;
      } finally {
        file.release();
      }
    }
    throw Errno.ELOOP.exception();
  }

  private static WalkContext context(Task task, int directory, String path, int flags) {
    VfsPath start = task.fileSystem().workingDirectory();
    if (directory != AT_FDCWD && !path.startsWith("/")) {
      FileDescription d = task.descriptors().get(directory);
      try {
        boolean usable =
            path.isEmpty() ? (flags & AT_EMPTY_PATH) != 0 : FileMode.isDirectory(d.inode().mode());
        if (!usable) {
          throw path.isEmpty() ? Errno.ENOENT.exception() : Errno.ENOTDIR.exception();
        }
        start = d.place();
      } finally {
        d.release();
      }
    }
    var fs = task.fileSystem();
    return new WalkContext(fs.namespace(), fs.root(), start, fs.umask(), task);
  }

  private FileDescription open(WalkContext context, VfsPath file) {
    int mode = file.inode().mode();
    if (!FileMode.isRegular(mode)) {
      throw FileMode.isSymlink(mode) ? Errno.ELOOP.exception() : Errno.EACCES.exception();
    }
    kernel.fileTree().access(context, file, X_OK);
    if (file.inode().openForWriting()) {
      throw Errno.ETXTBSY.exception();
    }
    return kernel.fileTree().openAt(context, file, OpenFlags.O_RDONLY);
  }

  /** Interpreter and its one optional argument, or null if this is no script. */
  private static String[] scriptLine(FileDescription file) {
    byte[] head = ElfHeader.prefix(file, 0, BINPRM_BUF_SIZE);
    if (head.length < 2 || head[0] != '#' || head[1] != '!') {
      return null;
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\n');
    boolean cut = end < 0 && head.length == BINPRM_BUF_SIZE;
    String line = text.substring(2, end < 0 ? text.length() : end).stripLeading();
    if (end < 0 && !cut && line.isBlank()) {
      // Linux takes the zero byte after the end for the name: the empty path.
      throw Errno.EACCES.exception();
    }
    int space = 0;
    while (space < line.length() && line.charAt(space) != ' ' && line.charAt(space) != '\t') {
      space++;
    }
    if (space == 0 || cut && space == line.length()) {
      throw Errno.ENOEXEC.exception();
    }
    String argument = line.substring(space).strip();
    return new String[] {line.substring(0, space), argument.isEmpty() ? null : argument};
  }

  private ExecImage elf(
      Task task,
      WalkContext context,
      FileDescription file,
      String path,
      List<String> argv,
      List<String> envp) {
    ElfHeader elf = ElfHeader.read(file);
    MemoryManager memory = MemoryManager.create(platform, task.group().limits());
    boolean done = false;
    try {
      ExecImage image = build(task, context, file, elf, memory, path, argv, envp);
      done = true;
      return image;
    } finally {
      if (!done) {
        memory.releaseUser();
      }
    }
  }

  private ExecImage build(
      Task task,
      WalkContext context,
      FileDescription file,
      ElfHeader elf,
      MemoryManager memory,
      String path,
      List<String> argv,
      List<String> envp) {
    boolean fixed = task.settings().personalityHas(Personality.ADDR_NO_RANDOMIZE);
    long top =
        Platform.MAX_USER_ADDRESS - (fixed ? 0 : random() & STACK_RANDOM) * Platform.PAGE_SIZE;
    long limit =
        Math.min(
            task.group().limits().soft(ResourceLimits.RLIMIT_STACK),
            Platform.MAX_USER_ADDRESS / 6 * 5);
    memory.setMmapBase(
        top - Math.max(limit, STACK_GAP) - (fixed ? 0 : random() & MMAP_RANDOM) * Platform.PAGE_SIZE
            & -Platform.PAGE_SIZE);
    long bias =
        new ImageMapper(memory, file, elf).map(elf.interpreter() == null ? 0 : pieBase(fixed));
    long entry = bias + elf.entry();
    long base = 0;
    if (elf.interpreter() != null) {
      long[] interpreterEntry = new long[1];
      base = mapInterpreter(context, memory, elf.interpreter(), interpreterEntry);
      entry = interpreterEntry[0];
    }
    memory.setBrkStart(bias + elf.highest());
    Credentials who = ExecCredentials.after(task.credentials(), mayGain(task) ? file.path() : null);

    byte[] randomBytes = new byte[16];
    kernel.random().fill(randomBytes);
    InitialStack stack = new InitialStack(top, stringRoom(argv, envp));
    stack.push(new byte[8]);
    long execfn = stack.pushString(path);
    long environmentEnd = stack.address();
    long[] environmentAddresses = stack.pushStrings(envp);
    long environmentStart = stack.address();
    long[] argumentAddresses = stack.pushStrings(argv);
    long argumentsStart = stack.address();
    long platformName = stack.pushString("x86_64");
    long seed = stack.push(randomBytes);
    long[] auxv = {
      AuxVector.AT_SYSINFO_EHDR,
      vdso.map(memory),
      AuxVector.AT_HWCAP,
      platform.features().hwcap() & 0xffffffffL,
      AuxVector.AT_PAGESZ,
      Platform.PAGE_SIZE,
      AuxVector.AT_CLKTCK,
      100,
      AuxVector.AT_PHDR,
      elf.headersAddress(bias),
      AuxVector.AT_PHENT,
      ElfHeader.HEADER_ENTRY_SIZE,
      AuxVector.AT_PHNUM,
      elf.headerCount(),
      AuxVector.AT_BASE,
      base,
      AuxVector.AT_FLAGS,
      0,
      AuxVector.AT_ENTRY,
      bias + elf.entry(),
      AuxVector.AT_UID,
      who.uid(),
      AuxVector.AT_EUID,
      who.euid(),
      AuxVector.AT_GID,
      who.gid(),
      AuxVector.AT_EGID,
      who.egid(),
      AuxVector.AT_SECURE,
      ExecCredentials.secure(who) ? 1 : 0,
      AuxVector.AT_RANDOM,
      seed,
      AuxVector.AT_HWCAP2,
      platform.features().hwcap2(),
      AuxVector.AT_EXECFN,
      execfn,
      AuxVector.AT_PLATFORM,
      platformName,
      AuxVector.AT_MINSIGSTKSZ,
      440 + platform.features().xsaveSize() + 64 + 128,
      AuxVector.AT_NULL,
      0
    };
    long sp = stack.pushVectors(argumentAddresses, environmentAddresses, auxv);
    long size =
        Math.max(STACK_START_SIZE, top - sp + STACK_START_SIZE) + Platform.PAGE_SIZE - 1
            & -Platform.PAGE_SIZE;
    int protection = elf.executableStack() ? 7 : 3;
    memory.mmap(
        top - size,
        size,
        protection,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN | MAP_STACK,
        null,
        0);
    stack.copyTo(memory);
    MemoryStatus.Bounds bounds =
        new MemoryStatus.Bounds(
            bias + elf.lowest(),
            bias + elf.highest(),
            bias + elf.lowest(),
            bias + elf.highest(),
            bias + elf.highest(),
            sp,
            argumentsStart,
            environmentStart,
            environmentStart,
            environmentEnd);
    memory.setProgram(new ProgramInfo(file.path(), bounds, encode(auxv)));
    String last = path.substring(path.lastIndexOf('/') + 1);
    return new ExecImage(memory, entry, sp, last.length() > 15 ? last.substring(0, 15) : last, who);
  }

  /** Maps the dynamic linker; returns its bias (AT_BASE) and leaves its entry in {@code entry}. */
  private long mapInterpreter(
      WalkContext context, MemoryManager memory, String path, long[] entry) {
    FileDescription file = open(context, kernel.fileTree().walk(context, path, FileTree.FOLLOW));
    try {
      ElfHeader elf = ElfHeader.read(file);
      long bias = new ImageMapper(memory, file, elf).map(0);
      entry[0] = bias + elf.entry();
      return bias;
    } finally {
      file.release();
    }
  }

  private long pieBase(boolean fixed) {
    return PIE_BASE + (fixed ? 0 : random() & MMAP_RANDOM) * Platform.PAGE_SIZE;
  }

  private long random() {
    byte[] b = new byte[8];
    kernel.random().fill(b);
    return ByteBuffer.wrap(b).getLong();
  }

  private static int stringRoom(List<String> argv, List<String> envp) {
    long room = 8192;
    for (String s : argv) {
      room += s.length() + 1 + 8;
    }
    for (String s : envp) {
      room += s.length() + 1 + 8;
    }
    if (room > MAX_STRINGS) {
      throw Errno.E2BIG.exception();
    }
    return (int) room + 4096;
  }

  private static byte[] encode(long[] words) {
    ByteBuffer b = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long w : words) {
      b.putLong(w);
    }
    return b.array();
  }

  /**
   * A set-user-ID program gives nothing to one whose tracer may not trace everybody
   * (security/commoncap.c: ptracer_capable).
   */
  private static boolean mayGain(Task task) {
    Tracee tracee = task.tracee();
    return tracee == null || tracee.tracer().credentials().has(Credentials.CAP_SYS_PTRACE);
  }
}
