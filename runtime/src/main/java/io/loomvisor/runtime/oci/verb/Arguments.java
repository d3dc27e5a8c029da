package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Flags and arguments as runc's parser takes them: {@code --flag value}, {@code --flag=value}, one
 * dash or two, flags before arguments, {@code --} ends them.
 */
final class Arguments {
  private final Map<String, List<String>> values = new HashMap<>();
  private final List<String> rest;

  private Arguments(List<String> rest) {
    this.rest = rest;
  }

  /**
   * @param withValue names of flags that take a value
   * @param without names of flags that are there or not
   * @param aliases a flag's other name to its own
   */
  static Arguments parse(
      List<String> line, Set<String> withValue, Set<String> without, Map<String, String> aliases)
      throws RuntimeFailure {
    Map<String, List<String>> values = new HashMap<>();
    int at = 0;
    for (; at < line.size(); at++) {
      String word = line.get(at);
      if (word.equals("--")) {
        at++;
        break;
      }
      if (!word.startsWith("-") || word.equals("-")) {
        break;
      }
      String flag = word.substring(word.startsWith("--") ? 2 : 1);
      int equals = flag.indexOf('=');
      String given = equals < 0 ? flag : flag.substring(0, equals);
      String name = aliases.getOrDefault(given, given);
      String value;
      if (without.contains(name)) {
        value = equals < 0 ? "true" : flag.substring(equals + 1);
      } else if (!withValue.contains(name)) {
        throw new RuntimeFailure("flag provided but not defined: -" + given);
      } else if (equals >= 0) {
        value = flag.substring(equals + 1);
      } else if (at + 1 < line.size()) {
        value = line.get(++at);
      } else {
        throw new RuntimeFailure("flag needs an argument: -" + given);
      }
      values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }
    Arguments parsed = new Arguments(line.subList(at, line.size()));
    parsed.values.putAll(values);
    return parsed;
  }

  boolean has(String flag) {
    return values.containsKey(flag) && !values.get(flag).getLast().equals("false");
  }

  /** The last value given; null for none. */
  String value(String flag) {
    return values.containsKey(flag) ? values.get(flag).getLast() : null;
  }

  String value(String flag, String otherwise) {
    String v = value(flag);
    return v == null ? otherwise : v;
  }

  List<String> all(String flag) {
    return values.getOrDefault(flag, List.of());
  }

  List<String> rest() {
    return rest;
  }

  /** The container's id, the first argument. */
  String id(String verb) throws RuntimeFailure {
    if (rest.isEmpty()) {
      throw new RuntimeFailure("\"" + verb + "\" requires at least 1 argument");
    }
    return rest.getFirst();
  }
}
