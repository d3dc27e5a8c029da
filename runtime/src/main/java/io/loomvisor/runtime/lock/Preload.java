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

  private Preload() {}

  static void run() {
    Archives.openAll();
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
}
