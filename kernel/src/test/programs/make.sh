# needs: make gcc
d=$(mktemp -d) && cd "$d" || exit 1
for i in 1 2 3 4 5 6; do echo "int f$i(int x) { return x + $i; }" > f$i.c; done
{ for i in 1 2 3 4 5 6; do echo "int f$i(int);"; done; echo 'int main(void) { return f1(f2(f3(f4(f5(f6(0)))))) != 21; }'; } > main.c
printf 'OBJ = main.o f1.o f2.o f3.o f4.o f5.o f6.o\nprog: $(OBJ)\n\t@gcc -o $@ $^\n%%.o: %%.c\n\t@gcc -O1 -c -o $@ $<\nclean:\n\trm -f prog $(OBJ)\nfail:\n\t@exit 3\n' > Makefile
make -j2 && ./prog && echo ran; make -j2; touch f3.c; make -n | wc -l; make -j2 && ./prog && echo ran; make clean; make fail 2>/dev/null; echo "make $?"; ls *.o 2>/dev/null; echo "ls $?"
cd / && rm -rf "$d"
