/* Files that are no programs: empty, text, headers that lie, an interpreter that is missing or no program. */
#include "difftest.h"
#include <elf.h>

static char image[64 << 10];
static long size;

static void run(const char *label, const void *bytes, long n) {
  int fd = MUST(open("prog", O_CREAT | O_TRUNC | O_WRONLY, 0700));
  MUST(write(fd, bytes, n));
  close(fd);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(5);
    execl("./prog", "prog", NULL);
    printf("%s: %s\n", label, ename(errno));
    fflush(stdout);
    _exit(70);
  }
  dt_reap(label, pid);
}

/* A static program of one segment that exits with 33. */
static void build(void) {
  static const unsigned char code[] = {0xbf, 33, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
  memset(image, 0, sizeof image);
  Elf64_Ehdr *e = (Elf64_Ehdr *)image;
  memcpy(e->e_ident, ELFMAG, SELFMAG);
  e->e_ident[EI_CLASS] = ELFCLASS64;
  e->e_ident[EI_DATA] = ELFDATA2LSB;
  e->e_ident[EI_VERSION] = EV_CURRENT;
  e->e_type = ET_EXEC;
  e->e_machine = EM_X86_64;
  e->e_version = 1;
  e->e_ehsize = sizeof *e;
  e->e_phentsize = sizeof(Elf64_Phdr);
  e->e_phoff = sizeof *e;
  e->e_phnum = 1;
  e->e_entry = 0x400000 + 0x1000;
  Elf64_Phdr *p = (Elf64_Phdr *)(e + 1);
  p->p_type = PT_LOAD;
  p->p_flags = PF_R | PF_X;
  p->p_vaddr = 0x400000;
  p->p_filesz = p->p_memsz = 0x1000 + sizeof code;
  p->p_align = 4096;
  memcpy(image + 0x1000, code, sizeof code);
  size = 0x1000 + sizeof code;
}

int main(void) {
  dt_start(40);
  Elf64_Ehdr *e = (Elf64_Ehdr *)image;
  Elf64_Phdr *p = (Elf64_Phdr *)(e + 1);
  build();
  run("good", image, size);
  run("empty", image, 0);
  run("magic alone", image, 4);
  run("half a header", image, 32);
  run("header alone", image, 64);
  build(); e->e_ident[EI_CLASS] = ELFCLASS32; run("class ignored", image, size);
  build(); e->e_machine = EM_AARCH64; run("other machine", image, size);
  build(); e->e_type = ET_REL; run("object file", image, size);
  build(); e->e_phentsize = 1; run("odd entry size", image, size);
  build(); e->e_phnum = 0; run("no headers", image, size);
  build(); e->e_phnum = 0xffff; run("65535 headers", image, size);
  build(); e->e_phoff = 1UL << 40; run("headers beyond the end", image, size);
  build(); e->e_phoff = -64; run("headers before the start", image, size);
  build(); p->p_filesz = p->p_memsz + 4096; run("file larger than memory", image, size);
  build(); p->p_memsz = -1UL; run("endless segment", image, size);
  build(); p->p_vaddr = 0xffff800000000000; run("segment in the kernel", image, size);
  build(); p->p_vaddr = 0x7ffffffff000; run("segment at the end", image, size);
  build(); p->p_offset = 1; run("offset and address disagree", image, size);
  build(); e->e_entry = 0xffff800000000000; run("entry in the kernel", image, size);
  build(); e->e_entry = 0; run("entry at null", image, size);
  build(); p->p_flags = PF_R; run("nothing executable", image, size);
  build();
  e->e_phnum = 2;
  p[1].p_type = PT_INTERP;
  p[1].p_offset = 0x800;
  p[1].p_filesz = 8;
  strcpy(image + 0x800, "/nowhere"); run("interpreter without end", image, size);
  p[1].p_filesz = 9; run("interpreter missing", image, size);
  strcpy(image + 0x800, "/etc/pass"); p[1].p_filesz = 10; run("interpreter not there", image, size);
  strcpy(image + 0x800, "/etc"); p[1].p_filesz = 5; run("interpreter a directory", image, size);
  p[1].p_filesz = 1; run("interpreter too short", image, size);
  p[1].p_filesz = 5000; run("interpreter too long", image, size);
  strcpy(image + 0x800, "prog"); p[1].p_filesz = 5; run("its own interpreter", image, size);
  run("no magic", "echo hello\n", 11);
  run("script of nothing", "#!", 2);
  run("script of blanks", "#!   \n", 6);
  run("script without its interpreter", "#!/no/such/file\n", 16);
  return 0;
}
