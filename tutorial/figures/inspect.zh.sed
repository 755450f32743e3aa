# inspect.zh.sed: what a drawing of seccomp-inspect needs for the book, in Chinese.
s/ \.\.\. / … /
s/fontname="[a-z-]*"/fontname="DejaVu Sans Mono"/
s/^  labelloc=t$/  graph [bgcolor=transparent labelloc=t fontname="Noto Sans CJK SC"]/
s/filter \([0-9]*\) of /过滤器 \1：/
s/A = architecture/A = 架构/
s/A = system call number/A = 系统调用号/
s/return: allow/返回：允许/
s/return: kill process/返回：杀死进程/
s/" any yes"/" 有一个是"/
s/" all no"/" 全都不是"/
s/" yes"/" 是"/
s/" no"/" 不是"/
