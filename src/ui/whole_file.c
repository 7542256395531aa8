/* whole_file.c - see whole_file.h. */
#include "ui/whole_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

bool whole_file_begin(struct whole_file *w, const char *path, struct text *why) {
    struct text name = text_in(w->part, sizeof w->part);
    w->path = path;
    text_addf(&name, "%s.XXXXXX", path);
    int fd = mkstemp(w->part);
    w->f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (w->f) return true;
    text_addf(why, "%s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return false;
}

bool whole_file_end(struct whole_file *w, struct text *why) {
    mode_t mask = umask(0);
    umask(mask);
    bool good = fchmod(fileno(w->f), 0666 & ~mask) == 0 && fflush(w->f) == 0 && !ferror(w->f);
    good = fclose(w->f) == 0 && good && rename(w->part, w->path) == 0;
    if (good) return true;
    text_addf(why, "%s: %s", w->path, strerror(errno));
    unlink(w->part);
    return false;
}
