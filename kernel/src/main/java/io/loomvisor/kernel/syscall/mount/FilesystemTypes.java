package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Refusals;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What mount(2) can mount, by the name of the type. Filled at boot, read by any thread. */
public final class FilesystemTypes {
  /** Makes an instance, or gives the one there is. */
  @FunctionalInterface
  public interface Factory {
    /** {@code options}: mount(2)'s data, comma-separated; EINVAL if they are wrong. */
    Filesystem create(String options);
  }

  private final Map<String, Factory> factories = new ConcurrentHashMap<>();

  public FilesystemTypes register(String type, Factory factory) {
    factories.put(type, factory);
    return this;
  }

  /**
   * ENODEV if there is no such type.
   *
   * @param process the pid of who asks
   */
  Filesystem create(int process, String type, String options) {
    Factory f = factories.get(type);
    if (f == null) {
      Refusals.report(process, "file system " + type);
      throw Errno.ENODEV.exception();
    }
    return f.create(options);
  }
}
