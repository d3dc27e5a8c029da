package io.loomvisor.runtime.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments and the environment of this process as the bytes they are, one ISO 8859-1 character
 * each: the JVM's own Strings have gone through the locale's charset and may have lost something.
 */
public final class RawArguments {
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;
  private static final String NATIVE = System.getProperty("sun.jnu.encoding", "UTF-8");

  private RawArguments() {}

  /** The whole command line, the JVM's own arguments included. */
  public static List<String> commandLine() {
    return read("/proc/self/cmdline");
  }

  /** The last {@code count} arguments. */
  public static List<String> last(int count) {
    List<String> all = commandLine();
    return all.subList(all.size() - count, all.size());
  }

  /** NAME=VALUE strings as they were when the process started. */
  public static List<String> environment() {
    return read("/proc/self/environ");
  }

  /** The bytes of a String that the JVM decoded. */
  public static String encode(String decoded) {
    return new String(decoded.getBytes(Charset.forName(NATIVE)), BYTES);
  }

  /** For messages: the reverse of {@link #encode}. */
  public static String decode(String raw) {
    return new String(raw.getBytes(BYTES), Charset.forName(NATIVE));
  }

  private static List<String> read(String file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    List<String> strings = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        strings.add(new String(bytes, start, i - start, BYTES));
        start = i + 1;
      }
    }
    return strings;
  }
}
