package io.loomvisor.runtime.oci.spec;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Typed access to a JSON object; a value of the wrong type is an error that names its place. A
 * property that is null counts as absent.
 */
final class JsonView {
  private final JsonObject object;
  private final String place;

  private JsonView(JsonObject object, String place) {
    this.object = object;
    this.place = place;
  }

  /**
   * @param place goes before the names of properties in messages; may be empty
   */
  static JsonView parse(String text, String place) throws ConfigException {
    try {
      return of(JsonParser.parseString(text), place);
    } catch (JsonParseException e) {
      throw new ConfigException("not well-formed JSON: " + e.getMessage());
    }
  }

  static JsonView of(JsonElement element, String place) throws ConfigException {
    if (!element.isJsonObject()) {
      throw new ConfigException((place.isEmpty() ? "the document" : place) + ": not an object");
    }
    return new JsonView(element.getAsJsonObject(), place);
  }

  String place(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  private ConfigException wrong(String name, String wanted) {
    return new ConfigException(place(name) + ": not " + wanted);
  }

  boolean has(String name) {
    JsonElement e = object.get(name);
    return e != null && !e.isJsonNull();
  }

  /** Refuses properties of the specification that this runtime does nothing with. */
  void refuse(String... names) throws ConfigException {
    for (String name : names) {
      JsonElement e = object.get(name);
      boolean empty =
          e == null
              || e.isJsonNull()
              || e.isJsonArray() && e.getAsJsonArray().isEmpty()
              || e.isJsonObject() && e.getAsJsonObject().isEmpty()
              || e.isJsonPrimitive() && e.getAsString().isEmpty();
      if (!empty) {
        throw new ConfigException(place(name) + ": not supported");
      }
    }
  }

  String string(String name) throws ConfigException {
    String s = string(name, null);
    if (s == null) {
      throw new ConfigException(place(name) + ": missing");
    }
    return s;
  }

  String string(String name, String otherwise) throws ConfigException {
    if (!has(name)) {
      return otherwise;
    }
    JsonElement e = object.get(name);
    if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isString()) {
      throw wrong(name, "a string");
    }
    return e.getAsString();
  }

  /** A string for the application: its bytes in UTF-8, one ISO 8859-1 character each. */
  static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  long number(String name, long otherwise) throws ConfigException {
    if (!has(name)) {
      return otherwise;
    }
    JsonElement e = object.get(name);
    if (e.isJsonPrimitive() && e.getAsJsonPrimitive().isNumber()) {
      return whole(name, e.getAsString());
    }
    throw wrong(name, "a number");
  }

  /**
   * Of the digits themselves: Gson's own way to a long is by BigDecimal, whose first use computes
   * tables for 25 ms.
   */
  private long whole(String name, String digits) throws ConfigException {
    try {
      // Limits are unsigned 64-bit numbers: RLIM_INFINITY is the largest.
      return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
    } catch (NumberFormatException x) {
      throw wrong(name, "a whole number of 64 bits");
    }
  }

  int integer(String name, int otherwise) throws ConfigException {
    long n = number(name, otherwise);
    if (n != (int) n && n >>> 32 != 0) {
      throw wrong(name, "a number of 32 bits");
    }
    return (int) n;
  }

  boolean flag(String name) throws ConfigException {
    if (!has(name)) {
      return false;
    }
    JsonElement e = object.get(name);
    if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isBoolean()) {
      throw wrong(name, "true or false");
    }
    return e.getAsBoolean();
  }

  /** An object; empty if absent. */
  JsonView child(String name) throws ConfigException {
    return has(name)
        ? of(object.get(name), place(name))
        : new JsonView(new JsonObject(), place(name));
  }

  private JsonArray array(String name) throws ConfigException {
    if (!has(name)) {
      return new JsonArray();
    }
    if (!object.get(name).isJsonArray()) {
      throw wrong(name, "a list");
    }
    return object.get(name).getAsJsonArray();
  }

  List<JsonView> children(String name) throws ConfigException {
    List<JsonView> all = new ArrayList<>();
    JsonArray array = array(name);
    for (int i = 0; i < array.size(); i++) {
      all.add(of(array.get(i), place(name) + "[" + i + "]"));
    }
    return all;
  }

  List<String> strings(String name) throws ConfigException {
    List<String> all = new ArrayList<>();
    for (JsonElement e : array(name)) {
      if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isString()) {
        throw wrong(name, "a list of strings");
      }
      all.add(e.getAsString());
    }
    return all;
  }

  List<Integer> integers(String name) throws ConfigException {
    List<Integer> all = new ArrayList<>();
    for (JsonElement e : array(name)) {
      if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isNumber()) {
        throw wrong(name, "a list of numbers");
      }
      all.add((int) whole(name, e.getAsString()));
    }
    return all;
  }

  Map<String, String> map(String name) throws ConfigException {
    Map<String, String> all = new LinkedHashMap<>();
    if (has(name)) {
      JsonView child = child(name);
      for (String key : child.object.keySet()) {
        all.put(key, child.string(key, ""));
      }
    }
    return all;
  }

  JsonObject json() {
    return object;
  }
}
