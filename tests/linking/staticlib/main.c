/* Is linked with the static library and prints the types registered in it. */
#include <stdio.h>

const char *linking_registered_types(void);

int main(void) {
    printf("types: %s\n", linking_registered_types());
    return 0;
}
