#include "daemon/command.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    return command_main(argc, argv, environ);
}
