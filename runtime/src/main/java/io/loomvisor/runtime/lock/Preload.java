package io.loomvisor.runtime.lock;

import io.loomvisor.gofer.host.HostRandom;
import io.loomvisor.net.socket.SipHash;
import java.util.Locale;
import java.util.zip.Inflater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First uses that open files of the JDK or of this program, made while files can be opened. Classes
 * themselves need no preloading: they come from the AOT cache, which is mapped, or from archives
 * that are open from here on.
 */
final class Preload {
  private static final Logger LOG = LoggerFactory.getLogger(Preload.class);

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
   * Looking for what no archive of the class path has makes the class loader open every one. What
   * is in them is compressed: the JDK's library for that is a file too, loaded with its first use,
   * which may come late, as all classes that a start needs come from the cache.
   */
  static void openArchives() {
    new Inflater(true).end();
    if (ClassLoader.getSystemResource("no/such/resource") != null) {
      throw new IllegalStateException("a resource that nobody made");
    }
  }
}
