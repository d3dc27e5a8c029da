package io.loomvisor.vfs.synthetic;

import java.nio.charset.StandardCharsets;

/**
 * Builds the text of generated files. Plain digit loops: {@code String.format} loads locale data
 * from files on first use, which the sandboxed process cannot do.
 */
public final class TextBuffer {
  private final StringBuilder text = new StringBuilder(256);

  public TextBuffer add(String s) {
    text.append(s);
    return this;
  }

  public TextBuffer add(char c) {
    text.append(c);
    return this;
  }

  public TextBuffer add(long number) {
    text.append(number);
    return this;
  }

  /** An unsigned decimal number. */
  public TextBuffer unsigned(long number) {
    text.append(Long.toUnsignedString(number));
    return this;
  }

  /** {@code s} with spaces before it up to {@code width}. */
  public TextBuffer right(String s, int width) {
    fill(' ', width - s.length());
    text.append(s);
    return this;
  }

  public TextBuffer right(long number, int width) {
    return right(Long.toString(number), width);
  }

  /** {@code s} with spaces after it up to {@code width}. */
  public TextBuffer left(String s, int width) {
    text.append(s);
    fill(' ', width - s.length());
    return this;
  }

  /** Lower-case hexadecimal, unsigned, with zeros before it up to {@code width}. */
  public TextBuffer hex(long number, int width) {
    String s = Long.toHexString(number);
    fill('0', width - s.length());
    text.append(s);
    return this;
  }

  /** Upper-case hexadecimal, unsigned, with zeros before it up to {@code width}. */
  public TextBuffer upperHex(long number, int width) {
    String s = Long.toHexString(number).toUpperCase(java.util.Locale.ROOT);
    fill('0', width - s.length());
    text.append(s);
    return this;
  }

  /** Octal, unsigned, with zeros before it up to {@code width}. */
  public TextBuffer octal(long number, int width) {
    String s = Long.toOctalString(number);
    fill('0', width - s.length());
    text.append(s);
    return this;
  }

  /** Decimal with zeros before it up to {@code width}; not negative. */
  public TextBuffer zeroPadded(long number, int width) {
    String s = Long.toString(number);
    fill('0', width - s.length());
    text.append(s);
    return this;
  }

  public TextBuffer newline() {
    text.append('\n');
    return this;
  }

  public int length() {
    return text.length();
  }

  private void fill(char c, int count) {
    for (int i = 0; i < count; i++) {
      text.append(c);
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }

  public byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
