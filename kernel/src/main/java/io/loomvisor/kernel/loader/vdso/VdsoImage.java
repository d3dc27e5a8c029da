package io.loomvisor.kernel.loader.vdso;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the vDSO as an ELF shared object of one page (elf(5), System V ABI; versions: LSB Core,
 * 10.7). No section headers: dynamic linkers use the program headers only.
 *
 * <pre>
 *   0     ELF header
 *   64    program headers: PT_LOAD, PT_DYNAMIC, PT_GNU_EH_FRAME, PT_GNU_STACK
 *   ...   hash table, dynamic symbols, their versions, version definitions, unwind table, dynamic section, strings
 *   2048  code
 * </pre>
 */
final class VdsoImage {
  static final int SIZE = 4096;

  private static final String SONAME = "linux-vdso.so.1";
  private static final String VERSION = "LINUX_2.6";
  private static final int EHDR_SIZE = 64;
  private static final int PHDR_SIZE = 56;
  private static final int PROGRAM_HEADERS = 4;
  private static final int SYMBOL_SIZE = 24;
  private static final int BASE_VERSION = 1;
  private static final int LINUX_VERSION = 2;

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_GNU_EH_FRAME = 0x6474e550;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int READ_EXECUTE = 5;
  private static final int READ = 4;
  private static final int READ_WRITE = 6;

  private static final int STB_GLOBAL_FUNC = 0x12;
  private static final int STB_WEAK_FUNC = 0x22;

  /** Any index but SHN_UNDEF: there are no sections. */
  private static final short DEFINED = 1;

  private static final int DT_HASH = 4;
  private static final int DT_STRTAB = 5;
  private static final int DT_SYMTAB = 6;
  private static final int DT_STRSZ = 10;
  private static final int DT_SYMENT = 11;
  private static final int DT_SONAME = 14;
  private static final int DT_VERSYM = 0x6ffffff0;
  private static final int DT_VERDEF = 0x6ffffffc;
  private static final int DT_VERDEFNUM = 0x6ffffffd;

  private record Symbol(int name, int info, int value, int size) {}

  private final ByteBuffer image = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final StringBuilder strings = new StringBuilder("\0");
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final byte[] code = VdsoCode.bytes();

  private VdsoImage() {}

  static byte[] build() {
    VdsoImage image = new VdsoImage();
    image.write();
    return image.image.array();
  }

  private void write() {
    addSymbols();
    int soname = string(SONAME);
    int version = string(VERSION);
    image.position(EHDR_SIZE + PROGRAM_HEADERS * PHDR_SIZE);
    int hash = hashTable();
    int symbolTable = symbolTable();
    int versions = versionTable();
    int definitions = versionDefinitions(soname, version);
    int unwind = unwindTable();
    int dynamic = align(8);
    int[][] tags = {
      {DT_HASH, hash},
      {DT_STRTAB, 0},
      {DT_SYMTAB, symbolTable},
      {DT_STRSZ, strings.length()},
      {DT_SYMENT, SYMBOL_SIZE},
      {DT_SONAME, soname},
      {DT_VERSYM, versions},
      {DT_VERDEF, definitions},
      {DT_VERDEFNUM, 2},
      {0, 0}
    };
    int dynamicSize = tags.length * 16;
    tags[1][1] = dynamic + dynamicSize;
    for (int[] tag : tags) {
      image.putLong(tag[0]).putLong(tag[1]);
    }
    image.put(strings.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (image.position() > VdsoCode.TEXT_OFFSET) {
      throw new IllegalStateException(
          "the tables of the vDSO reach into its code: " + image.position());
    }
    image.put(VdsoCode.TEXT_OFFSET, code);
    header();
    image.position(EHDR_SIZE);
    segment(PT_LOAD, READ_EXECUTE, 0, VdsoCode.TEXT_OFFSET + code.length, SIZE);
    segment(PT_DYNAMIC, READ, dynamic, dynamicSize, 8);
    segment(PT_GNU_EH_FRAME, READ, unwind, dynamic - unwind, 4);
    segment(PT_GNU_STACK, READ_WRITE, 0, 0, 16);
  }

  /**
   * Each function under its own name and, weak, under that of the system call, as Linux has them.
   */
  private void addSymbols() {
    for (VdsoCode.Function f : VdsoCode.FUNCTIONS) {
      int value = VdsoCode.TEXT_OFFSET + f.offset();
      names.add(f.name());
      symbols.add(new Symbol(string(f.name()), STB_GLOBAL_FUNC, value, VdsoCode.size(f)));
      String plain = f.name().substring("__vdso_".length());
      names.add(plain);
      symbols.add(new Symbol(string(plain), STB_WEAK_FUNC, value, VdsoCode.size(f)));
    }
  }

  private int string(String s) {
    int at = strings.length();
    strings.append(s).append('\0');
    return at;
  }

  private int align(int to) {
    image.position(image.position() + to - 1 & -to);
    return image.position();
  }

  /**
   * nbucket 1, nchain: one chain through all symbols; symbol 0 is the undefined one and ends it.
   */
  private int hashTable() {
    int at = align(8);
    int count = symbols.size() + 1;
    image.putInt(1).putInt(count).putInt(count - 1);
    for (int i = 0; i < count; i++) {
      image.putInt(Math.max(0, i - 1));
    }
    return at;
  }

  /** st_name 4, st_info 1, st_other 1, st_shndx 2, st_value 8, st_size 8. */
  private int symbolTable() {
    int at = align(8);
    image.put(new byte[SYMBOL_SIZE]);
    for (Symbol s : symbols) {
      image
          .putInt(s.name)
          .put((byte) s.info)
          .put((byte) 0)
          .putShort(DEFINED)
          .putLong(s.value)
          .putLong(s.size);
    }
    return at;
  }

  private int versionTable() {
    int at = align(2);
    image.putShort((short) 0);
    for (int i = 0; i < symbols.size(); i++) {
      image.putShort((short) LINUX_VERSION);
    }
    return at;
  }

  private int versionDefinitions(int soname, int version) {
    int at = align(8);
    versionDefinition(1, BASE_VERSION, SONAME, soname, 28);
    versionDefinition(0, LINUX_VERSION, VERSION, version, 0);
    return at;
  }

  /**
   * vd_version 2, vd_flags 2, vd_ndx 2, vd_cnt 2, vd_hash 4, vd_aux 4, vd_next 4; then vda_name 4,
   * vda_next 4.
   */
  private void versionDefinition(int flags, int index, String name, int nameOffset, int next) {
    image.putShort((short) 1).putShort((short) flags).putShort((short) index).putShort((short) 1);
    image.putInt(hash(name)).putInt(20).putInt(next);
    image.putInt(nameOffset).putInt(0);
  }

  /** The ELF hash of a name (System V ABI, 5.7). */
  static int hash(String name) {
    int h = 0;
    for (int i = 0; i < name.length(); i++) {
      h = (h << 4) + name.charAt(i);
      h = (h ^ (h & 0xF000_0000) >>> 24) & 0x0FFF_FFFF;
    }
    return h;
  }

  /**
   * .eh_frame_hdr with a table of one entry, and behind it .eh_frame: one rule for the whole code,
   * as no function moves the stack pointer: the caller's frame begins at RSP + 8, the return
   * address lies below that (LSB Core, 10.6).
   */
  private int unwindTable() {
    int at = align(4);
    int frames = at + 20;
    int fde = frames + 24;
    int text = VdsoCode.TEXT_OFFSET;
    // version 1; eh_frame_ptr pcrel sdata4, count udata4, table datarel sdata4
    image.put((byte) 1).put((byte) 0x1B).put((byte) 0x03).put((byte) 0x3B);
    image.putInt(frames - (at + 4)).putInt(1).putInt(text - at).putInt(fde - at);
    // CIE: version 1, "zR", code alignment 1, data alignment -8, return address in column 16,
    // pointers pcrel sdata4
    image.putInt(20).putInt(0).put((byte) 1).put("zR\0".getBytes(StandardCharsets.US_ASCII));
    image.put((byte) 1).put((byte) 0x78).put((byte) 16).put((byte) 1).put((byte) 0x1B);
    // DW_CFA_def_cfa rsp, 8; DW_CFA_offset 16, 1; DW_CFA_nop
    image
        .put((byte) 0x0C)
        .put((byte) 7)
        .put((byte) 8)
        .put((byte) 0x90)
        .put((byte) 1)
        .putShort((short) 0);
    image.position(fde);
    image
        .putInt(20)
        .putInt(fde + 4 - frames)
        .putInt(text - (fde + 8))
        .putInt(code.length)
        .put(new byte[8]);
    image.putInt(0);
    return at;
  }

  private void header() {
    image.position(0);
    // ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE
    image.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    // ET_DYN, EM_X86_64, version, entry, program headers, section headers, flags
    image
        .putShort((short) 3)
        .putShort((short) 62)
        .putInt(1)
        .putLong(0)
        .putLong(EHDR_SIZE)
        .putLong(0)
        .putInt(0);
    image.putShort((short) EHDR_SIZE).putShort((short) PHDR_SIZE).putShort((short) PROGRAM_HEADERS);
    image.putShort((short) 64).putShort((short) 0).putShort((short) 0);
  }

  private void segment(int type, int flags, int offset, int size, int alignment) {
    image.putInt(type).putInt(flags).putLong(offset).putLong(offset).putLong(offset);
    image.putLong(size).putLong(size).putLong(alignment);
  }
}
