/* main.c - the process: all there is to it is the command. */
#include "daemon/command.h"

int main(int count, char **arguments) {
    return command_main(count, arguments);
}
