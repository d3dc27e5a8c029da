package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Refusals;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** What mount(2) can mount, by the name of the type. Filled at boot, read by any thread. */
public final class FilesystemTypes {
  /** Makes an instance, or gives the one there is. */
  @FunctionalInterface
  public interface Factory {
    /** {@code options}: mount(2)'s data, comma-separated; EINVAL if they are wrong. */
    Filesystem create(String options);
  }

  private final Map<String, Factory> factories = new ConcurrentHashMap<>();
  private final Map<String, Consumer<String>> checks = new ConcurrentHashMap<>();

  public FilesystemTypes register(String type, Factory factory) {
    factories.put(type, factory);
    return this;
  }

  /**
   * As {@link #register(String, Factory)}.
   *
   * @param check throws EINVAL if an option is wrong, for fsconfig(2), which sets one at a time
   */
  public FilesystemTypes register(String type, Factory factory, Consumer<String> check) {
    checks.put(type, check);
    return register(type, factory);
  }

  /** ENODEV if there is no such type. */
  void check(int process, String type) {
    if (!factories.containsKey(type)) {
      Refusals.report(process, "file system " + type);
      throw Errno.ENODEV.exception();
    }
  }

  /** EINVAL if file systems of this type have no such option. */
  void checkOption(String type, String option) {
    checks.getOrDefault(type, o -> {}).accept(option);
  }

  /**
   * ENODEV if there is no such type.
   *
   * @param process the pid of who asks
   */
  Filesystem create(int process, String type, String options) {
    check(process, type);
    return factories.get(type).create(options);
  }
}
