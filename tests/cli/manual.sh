# The manual page knows every command and option that the program knows.
. tests/support/cli.sh

vmscope --help
sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}--\([a-z-]*\).*/\2/p' "$out" | sort -u > "$dir/options"
sed -n '/^Commands/,/^Options/s/^  \([a-z][a-z]*\) .*/\1/p' "$out" > "$dir/commands"
is "the help lists options" [ "$(wc -l < "$dir/options")" -ge 10 ]
is "the help lists commands" [ "$(wc -l < "$dir/commands")" -ge 5 ]
# In troff a hyphen that is typed is \-.
for option in $(cat "$dir/options"); do
    is "vmscope(1) knows --$option" grep -qF -- "\\-\\-$(echo "$option" | sed 's/-/\\-/g')" docs/vmscope.1
done
for command in $(cat "$dir/commands"); do
    is "vmscope(1) knows $command" grep -qw -- "$command" docs/vmscope.1
done
ends
