package io.loomvisor.vfs;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log what programs asked for that only a host has: its devices, its kernel's own file
 * systems, families of sockets and administration. Each is said once for each process. What does
 * not exist inside the sandbox, a path for one, is an ordinary error and not said. Any thread.
 */
public final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger("refused");

  /** Beyond so many nothing is said, so that the log cannot be filled on demand. */
  private static final int MOST = 4096;

  private static final int LONGEST = 100;

  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Refusals() {}

  /**
   * @param process its pid
   * @param what may have parts that the application has chosen
   */
  public static void report(int process, String what) {
    String printable = printable(what);
    if (SAID.size() < MOST && SAID.add(process + " " + printable)) {
      LOG.info("Process {} was refused: {}", process, printable);
    }
  }

  /** Without what would begin a line of its own. */
  private static String printable(String text) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      b.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return b.toString();
  }
}
