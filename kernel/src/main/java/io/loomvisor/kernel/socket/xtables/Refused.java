package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this packet filter does not have: the log says its name, the application gets an errno. */
final class Refused {
  private static final Logger LOG = LoggerFactory.getLogger(Refused.class);

  private static final int MAX_TOLD = 100;
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private Refused() {}

  /** ENOENT, as of a module that is not there: iptables says "No chain/target/match". */
  static LinuxException missing(String what) {
    String shown = what.replaceAll("[^\\x20-\\x7e]", "?");
    // Each once, and not for ever more of them: the application chooses the names.
    if (TOLD.size() < MAX_TOLD && TOLD.add(shown)) {
      LOG.warn("iptables: not implemented: {}", shown);
    }
    return Errno.ENOENT.exception();
  }

  /** EINVAL for what makes no sense. */
  static LinuxException invalid(String what) {
    LOG.debug("iptables: refused: {}", what);
    return Errno.EINVAL.exception();
  }
}
