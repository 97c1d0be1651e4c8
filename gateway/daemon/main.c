#include "daemon/command.h"

int main(int count, char **arguments) {
    return command_main(count, arguments);
}
