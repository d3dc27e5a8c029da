package io.loomvisor.runtime.lock;

import io.loomvisor.gofer.host.HostRandom;
import io.loomvisor.net.socket.SipHash;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First uses that open files of the JDK or of this program, made while files can be opened. Classes
 * themselves need no preloading: they come from the AOT cache, which is mapped, or from archives
 * that are open from here on.
 */
final class Preload {
  private static final Logger LOG = LoggerFactory.getLogger(Preload.class);

  /** {@link UncachedClass}, by its name: the training for the cache must not come by it. */
  private static final String UNCACHED = "io.loomvisor.runtime.lock.UncachedClass";

  private Preload() {}

  static void run() {
    openArchives();
    // The files of the host's random numbers stay open.
    SipHash.random();
    new HostRandom().nextLong();
    // The JDK's own messages have no more than this; numbers would load data of locales, which
    // takes
    // 15 ms, and are not formatted by us (runtime.architecture.FirstUsesTest).
    String text = String.format(Locale.ROOT, "%s", LOG.getName());
    if (LOG.isDebugEnabled()) {
      LOG.debug("Preloaded: {}", text);
    }
    Runtime.getRuntime().availableProcessors();
  }

  /**
   * Looking for what no archive of the class path has makes the class loader open every one. A
   * class that is in no cache makes the JDK load what it needs for compressed ones, and the JVM
   * what it needs to compare classes with the cache: both open and stat the JDK's libzip. Classes
   * that a start needs come from the cache, so the first one might come after the lock.
   */
  static void openArchives() {
    if (System.getenv("LOOMVISOR_TRAINING") == null) {
      try {
        Class.forName(UNCACHED);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    if (ClassLoader.getSystemResource("no/such/resource") != null) {
      throw new IllegalStateException("a resource that nobody made");
    }
  }
}
