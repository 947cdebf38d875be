/* Loads the shared library named by its argument and prints the types registered in it. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **arguments) {
    void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        fprintf(stderr, "cannot load the library: %s\n", dlerror());
        return 2;
    }
    const char *(*registered_types)(void) = (const char *(*)(void))dlsym(library, "linking_registered_types");
    if (registered_types == NULL) {
        fprintf(stderr, "the library lacks its function: %s\n", dlerror());
        return 2;
    }
    printf("types: %s\n", registered_types());
    return 0;
}
