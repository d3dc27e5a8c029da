package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.syscall.mount.FsContextState.Phase;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.event.AnonymousDescription;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * What fsopen(2) and fspick(2) give: a file system in the making, or one to be changed. Its state
 * is replaced as a whole, by compare-and-set, so that several tasks may use it at a time.
 */
final class FsContextDescription extends AnonymousDescription {
  /** Messages kept; Linux: the size of struct fc_log. */
  private static final int MOST_MESSAGES = 8;

  /** Options kept: fsconfig(2) may go on for ever, memory may not. */
  private static final int MOST_OPTIONS = 256;

  private final String type;
  private final FilesystemTypes types;
  private final AtomicReference<FsContextState> state;
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
  private final AtomicInteger messages = new AtomicInteger();

  FsContextDescription(String type, FilesystemTypes types, FsContextState state) {
    super("[fscontext]", OpenFlags.O_RDWR);
    this.type = type;
    this.types = types;
    this.state = new AtomicReference<>(state);
  }

  /** EBUSY where {@code change} gives null. */
  private FsContextState update(UnaryOperator<FsContextState> change) {
    for (; ; ) {
      FsContextState before = state.get();
      FsContextState after = change.apply(before);
      if (after == null) {
        throw Errno.EBUSY.exception();
      }
      if (state.compareAndSet(before, after)) {
        return before;
      }
    }
  }

  /** finish_clean_context(): after a mount was made the next call may change the file system. */
  private static FsContextState ready(FsContextState s) {
    return s.phase() == Phase.AWAITING_RECONFIGURE ? s.in(Phase.RECONFIGURE_PARAMETERS) : s;
  }

  /** FSCONFIG_SET_FLAG, and FSCONFIG_SET_STRING unless {@code value} is null. EBUSY, EINVAL. */
  void set(String key, String value) {
    update(
        before -> {
          FsContextState s = ready(before);
          return s.takesParameters() ? with(s, key, value) : null;
        });
  }

  private FsContextState with(FsContextState s, String key, String value) {
    switch (key) {
      case "ro", "rw" -> {
        return s.withReadOnly(key.equals("ro"));
      }
      case "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand" -> {
        return s; // as with mount(2)
      }
      case "source" -> {
        if (value == null || s.source() != null) {
          report(value == null ? "Non-string source" : "Multiple sources");
          throw Errno.EINVAL.exception();
        }
        return s.withSource(value);
      }
      default -> {
        return withOption(s, value == null ? key : key + "=" + value);
      }
    }
  }

  private FsContextState withOption(FsContextState s, String option) {
    if (option.indexOf(',') >= 0 || s.options().size() == MOST_OPTIONS) {
      throw Errno.EINVAL.exception();
    }
    try {
      types.checkOption(type, option);
    } catch (LinuxException e) {
      report("Unknown parameter or bad value '" + option + "'");
      throw e;
    }
    return s.withOption(option);
  }

  private void report(String text) {
    if (messages.incrementAndGet() > MOST_MESSAGES) {
      log.poll();
      messages.decrementAndGet();
    }
    log.add("e " + type + ": " + text);
  }

  /** FSCONFIG_CMD_CREATE: EBUSY; what the file system says. */
  void create(int process) {
    FsContextState s =
        update(
            before -> before.phase() == Phase.CREATE_PARAMETERS ? before.in(Phase.CREATING) : null);
    try {
      Filesystem made = types.create(process, type, String.join(",", s.options()));
      state.set(s.made(made));
    } catch (RuntimeException e) {
      state.set(s.in(Phase.FAILED));
      throw e;
    }
  }

  /** FSCONFIG_CMD_RECONFIGURE: what is to be changed; EBUSY. */
  FsContextState reconfigure() {
    return update(
        before -> {
          FsContextState s = ready(before);
          return s.phase() == Phase.RECONFIGURE_PARAMETERS ? s.mounted() : null;
        });
  }

  /** fsmount(2): EINVAL before there is a file system, EBUSY after it was done. */
  FsContextState mount() {
    if (state.get().filesystem() == null && state.get().mount() == null) {
      throw Errno.EINVAL.exception();
    }
    return update(s -> s.phase() == Phase.AWAITING_MOUNT ? s.mounted() : null);
  }

  /** One message of the log; ENODATA if there is none, EMSGSIZE if there is no room for it. */
  @Override
  public long read(IoTarget target) {
    String message = log.poll();
    if (message == null) {
      throw Errno.ENODATA.exception();
    }
    messages.decrementAndGet();
    byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length > target.remaining()) {
      throw Errno.EMSGSIZE.exception();
    }
    if (target.put(MemorySegment.ofArray(bytes), 0, bytes.length) < bytes.length) {
      throw Errno.EFAULT.exception();
    }
    return bytes.length;
  }
}
