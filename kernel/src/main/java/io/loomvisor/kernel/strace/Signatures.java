package io.loomvisor.kernel.strace;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The signature of every syscall that has one; the rest prints six words in hexadecimal. */
final class Signatures {
  private static final Signature UNKNOWN =
      Signature.of(
          Result.NUMBER,
          Argument.HEX,
          Argument.HEX,
          Argument.HEX,
          Argument.HEX,
          Argument.HEX,
          Argument.HEX);

  private static final Map<SyscallNumber, Signature> TABLE = table();

  private Signatures() {}

  private static Map<SyscallNumber, Signature> table() {
    Map<SyscallNumber, Signature> table = new EnumMap<>(SyscallNumber.class);
    FileSignatures.addTo(table);
    ProcessSignatures.addTo(table);
    SystemSignatures.addTo(table);
    IpcSignatures.addTo(table);
    return Collections.unmodifiableMap(table);
  }

  /**
   * @param number null for a number that Linux does not have
   */
  static Signature of(SyscallNumber number) {
    return number == null ? UNKNOWN : TABLE.getOrDefault(number, UNKNOWN);
  }
}
